import { describe, expect } from 'vitest';
import { libvirtRules } from '../support/foreign-rules.ts';
import { publicAddress, secondAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * From the inside by the public address. `bridge-nf-call-iptables` decides where a guest's frames are translated:
 * 0: on their way through the host; 1: already inside the bridge, which then has to send them back out of the
 * port that they came in by.
 */

const rules = libvirtRules[0];

const labs = ['0', '1'].map((setting) => ({ setting, ...labTest({ guests: ['web', 'mail', 'plain'] }) }));
describe.each(someOf(labs, 1))(
  'with bridge-nf-call-iptables=$setting',
  ({ setting, test, lab, web, mail }) => {
    test.beforeAll(() => {
      lab.host.sh(`echo ${setting} >/proc/sys/net/bridge/bridge-nf-call-iptables`);
      rules?.load(lab);
      lab.configure(`
[guest.web]
address = "${web.address}"
forward = ["8080:80", "53:53/udp", "${secondAddress}:8443:443"]
[guest.mail]
address = "${mail.address}"
public_address = "198.51.100.11"
`);
      lab.host.start('socat', [
        'UDP4-RECVFROM:53,bind=192.168.122.1,fork',
        'SYSTEM:read line; echo the host itself',
      ]);
      lab.host.sh(
        'for i in $(seq 2000); do ss -lun | grep -q "192.168.122.1:53 " && exit; sleep 0.05; done; exit 1',
      );
      for (const guest of [web, mail]) lab.hook(guest, 'started');
    });

    const hairpin = () =>
      lab.host.sh('for t in vnet1 vnet2 vnet3; do cat /sys/class/net/$t/brport/hairpin_mode; done');

    test('the host itself reaches a guest', () => {
      expect(lab.fetch('host', publicAddress, 8080)).toContain('hello from guest1');
      expect(lab.fetch('host', secondAddress, 8443)).toContain('hello from guest1');
      expect(lab.fetch('host', '198.51.100.11', 80)).toContain('hello from guest2');
      expect(lab.ask('host', publicAddress, 53)).toContain('hello from guest1');
    });

    test('a guest reaches another', () => {
      expect(lab.fetch('guest3', publicAddress, 8080)).toContain('hello from guest1, you are 192.168.122.1');
      expect(lab.fetch('guest3', secondAddress, 8443)).toContain('hello from guest1');
      expect(lab.fetch('guest3', '198.51.100.11', 80)).toContain('hello from guest2');
      expect(lab.ask('guest3', publicAddress, 53)).toContain('hello from guest1');
    });

    test('a guest reaches itself', () => {
      expect(lab.fetch('guest1', publicAddress, 8080)).toContain('hello from guest1, you are 192.168.122.1');
      expect(lab.ask('guest1', publicAddress, 53)).toContain('hello from guest1');
      expect(lab.fetch('guest2', '198.51.100.11', 80)).toContain('hello from guest2');
    });

    test("what the host offers the guests on its own address there stays the host's", () => {
      expect(lab.ask('guest3', '192.168.122.1', 53)).toBe('the host itself');
      expect(lab.ask('guest1', '192.168.122.1', 53)).toBe('the host itself');
      expect(lab.fetch('guest3', '192.168.122.1', 8080)).toContain('refused');
    });

    test("a guest's way to the same port of others is its own", () => {
      lab.serve('client', 'hello from client');
      expect(lab.ask('guest3', '198.51.100.2', 53)).toContain('hello from client');
      expect(lab.ask('guest1', '198.51.100.2', 53)).toContain('hello from client');
    });

    test('a stop sets back what was changed at the port', () => {
      expect(hairpin()).toBe(setting === '1' ? '1\n1\n0\n' : '0\n0\n0\n');
      lab.end(web);
      lab.hook(mail, 'reconnect');
      expect(hairpin()).toBe(setting === '1' ? '0\n1\n0\n' : '0\n0\n0\n');
      expect(lab.guestgate('uninstall').status).toBe(0);
      expect(hairpin()).toBe('0\n0\n0\n');
    });

    test('a port that was in hairpin mode before stays in it', () => {
      lab.host.sh('bridge link set dev vnet1 hairpin on');
      lab.hook(web, 'started');
      lab.end(web);
      expect(hairpin()).toBe('1\n0\n0\n');
    });
  },
);
