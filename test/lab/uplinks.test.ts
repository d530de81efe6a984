import { describe, expect } from 'vitest';
import { backends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';

/*
 * An uplink that comes after the guest has started, goes, or changes, as with PPPoE and WireGuard: no watcher runs here, and the
 * next event of any guest or network adapts the rules.
 *
 *   client 198.51.100.2 --- eth0 host ppp0 --- 203.0.113.2 provider
 */

const provider = '203.0.113.2';
const late = '203.0.113.9';
const labs = backends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'other'], silent: ['other'], backend }),
}));

describe.each(labs)('$backend:', ({ test, lab, web, other }) => {
  const ip = (...lines: readonly string[]) => lab.host.sh(lines.map((line) => `ip ${line}`).join('\n'));
  const uplinkComes = (name = 'ppp0') => {
    ip(
      `link add ${name} type veth peer name eth0 netns provider`,
      `addr add 203.0.113.1/24 dev ${name}`,
      `addr add ${late}/32 dev ${name}`,
      `link set ${name} up`,
      '-n provider link set eth0 up',
      `-n provider addr add ${provider}/24 dev eth0`,
      '-n provider route add default via 203.0.113.1',
    );
  };
  const uplinkGoes = () => ip('link del ppp0 2>/dev/null || true', 'link del ppp1 2>/dev/null || true');
  const seen = (guest = 'guest1') => /you are (\S+)/.exec(lab.fetch(guest, provider, 80))?.[1];
  const leaves = () => lab.host.sh(`guestgate status | grep -o 'leaves .* as ${late}' || true`).trim();

  test.beforeAll(() => {
    ip('netns add provider', '-n provider link set lo up');
    lab.serve('provider', 'hello from the provider');
    lab.host.sh('mkdir -p /run/systemd/journal; touch /tmp/journal');
    lab.host.start('socat', ['-u', 'UNIX-RECV:/run/systemd/journal/socket', 'OPEN:/tmp/journal,append']);
  });
  test.beforeEach(() => {
    for (const guest of [web, other]) lab.end(guest);
    uplinkGoes();
    lab.host.sh('rm -f /run/guestgate/uplinks.json');
    lab.configure(
      `[guest.web]\naddress = "${web.address}"\npublic_address = "${late}"\n[guest.other]\naddress = "${other.address}"\nforward = ["81:80"]\n`,
    );
  });

  const events: readonly (readonly [
    string,
    () => { readonly status: number | null; readonly stdout: string },
  ])[] = [
    ['another guest starts', () => lab.hook(other, 'started')],
    ['a network starts', () => lab.networkHook('started')],
    ['libvirtd reloads', () => lab.daemonHook('reload')],
  ];
  test.each(events)('the uplink comes after the guest, and %s', (_, event) => {
    lab.hook(web, 'started');
    uplinkComes();
    expect(seen(), 'before any event').not.toBe(late);
    expect(event()).toMatchObject({ status: 0, stdout: '' });
    expect(seen()).toBe(late);
    expect(lab.fetch('provider', late, 80)).toContain('hello from guest1');
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('the uplink goes and comes back: no other uplink sends its packets meanwhile, and no event is needed', () => {
    uplinkComes();
    lab.hook(web, 'started');
    expect(seen()).toBe(late);
    uplinkGoes();
    lab.hook(other, 'started');
    expect(leaves()).toBe(`leaves ppp0 as ${late}`);
    uplinkComes();
    expect(seen()).toBe(late);
  });

  test('the address moves to another interface: failover', () => {
    uplinkComes();
    lab.hook(web, 'started');
    uplinkGoes();
    uplinkComes('ppp1');
    expect(seen()).not.toBe(late);
    lab.hook(other, 'started');
    expect(seen()).toBe(late);
    expect(leaves()).toBe(`leaves ppp1 as ${late}`);
  });
});
