import { describe, expect } from 'vitest';
import { client, client6, publicAddress } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { networkHookXml, portIdOf } from '../support/lab-xml.ts';
import { until } from '../support/until.ts';
import { allWays, answeredWays } from '../support/who-reaches.ts';

/*
 * An interface that is attached to a confined guest of libvirt that runs. Of one on a network of libvirt's, a hook says that it will come,
 * before it has a port; of one on a bridge, none says anything. Libvirt's status file names the port of each when it is there.
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'mail'], ipv6: true, backend }),
}));

describe.each(labs)('$backend:', ({ test, lab, web, mail }) => {
  const macs = { network: '52:54:00:cc:dd:01', bridge: '52:54:00:cc:dd:02' } as const;
  type Kind = keyof typeof macs;
  const present = new Set<Kind>();
  const port = (kind: Kind) => `vnet-${kind}`;
  const address = (kind: Kind) => (kind === 'network' ? '192.168.122.141' : '192.168.122.142');

  /** Libvirt replaces the file. */
  function writeStatus() {
    const nics = [...present].map(
      (kind) =>
        `<interface type='${kind}'><mac address='${macs[kind]}'/>${
          kind === 'bridge'
            ? "<source bridge='virbr0'/>"
            : `<source network='default' portid='${portIdOf(macs[kind])}'/><actual type='network'><source bridge='virbr0'/></actual>`
        }<target dev='${port(kind)}'/></interface>`,
    );
    const text = lab.status(web).replace('</devices>', `${nics.join('')}</devices>`);
    lab.host.write('/run/libvirt/qemu/web.xml.new', text);
    lab.host.sh('mv /run/libvirt/qemu/web.xml.new /run/libvirt/qemu/web.xml');
  }
  function plug(kind: Kind) {
    const device = kind === 'network' ? 'eth1' : 'eth2';
    const table = kind === 'network' ? 101 : 102;
    lab.host.sh(`ip link add ${port(kind)} type veth peer name ${device} netns guest1
      ip link set ${port(kind)} master virbr0 up; ip -n guest1 link set ${device} address ${macs[kind]} up
      ip -n guest1 addr add ${address(kind)}/24 dev ${device}; ip -n guest1 rule add from ${address(kind)} lookup ${table}
      ip -n guest1 route add default via 192.168.122.1 dev ${device} table ${table}
      ip -n guest1 route add 192.168.122.0/24 dev ${device} table ${table}`);
    present.add(kind);
    writeStatus();
  }
  const closed = () => lab.host.sh('nft list set bridge guestgate closed');
  const ways = (kind: Kind) => ({
    guest1: [client, mail.address, publicAddress].map((to) => ({
      address: to,
      port: to === publicAddress ? 22 : 80,
      source: address(kind),
    })),
    guest2: [{ address: address(kind), port: 22 }],
  });

  test.beforeAll(() => {
    lab.serve('client', 'hello from the client');
    lab.serve('host', 'hello from the host');
    lab.host.sh('for f in /proc/sys/net/bridge/bridge-nf-call-ip*tables; do [ ! -e $f ] || echo 0 >$f; done');
    lab.configure(`[guest.web]\naddress = ["${web.address}", "${web.address6}"]\naccess = "inbound"\n`);
    for (const operation of ['prepare', 'start', 'started']) expect(lab.hook(web, operation).status).toBe(0);
  });

  test('on a network of libvirt: the hook says what is missing, and it is closed without any further command', async () => {
    const xml = networkHookXml({ guest: web, mac: macs.network });
    expect(lab.networkHook('port-created', xml).stderr).toContain(`${macs.network} is not known yet`);
    expect(closed()).toContain(`"${web.tap}"`);
    plug('network');
    await until('it is closed', () => closed().includes(`"${port('network')}"`));
    expect(await answeredWays(lab.host, ways('network'))).toEqual([]);
    expect(lab.guestgate('check').stdout).toContain('agree');
  });

  test('on a bridge, of which no hook is called: it is closed as well', async () => {
    plug('bridge');
    await until('it is closed', () => closed().includes(`"${port('bridge')}"`));
    expect(await answeredWays(lab.host, ways('bridge'))).toEqual([]);
    expect(lab.guestgate('check').stdout).toContain('agree');
  });

  test('a detached interface leaves nothing', async () => {
    lab.host.sh(`ip link del ${port('network')}`);
    present.delete('network');
    writeStatus();
    expect(lab.networkHook('port-deleted', networkHookXml({ guest: web, mac: macs.network })).status).toBe(0);
    await until('it is gone', () => !closed().includes(`"${port('network')}"`));
    expect(closed()).toContain(`"${port('bridge')}"`);
  });

  test('a guest that started without an interface is confined by the first that it gets', async () => {
    lab.configure('[guest.web]\naccess = "inbound"\n[guest.mail]\naccess = "none"\n');
    const without = (xml: string) => xml.replace(/<interface[\s\S]*<\/interface>/, '');
    for (const operation of ['prepare', 'start', 'started'])
      expect(lab.hook(mail, operation, { input: without(lab.xml(mail, operation)) }).status).toBe(0);
    lab.host.write('/run/libvirt/qemu/mail.xml', without(lab.status(mail)));
    expect(lab.guestgate('apply', 'mail')).toMatchObject({ status: 0, stderr: '' });
    lab.host.write('/run/libvirt/qemu/mail.xml', lab.status(mail));
    const silent = () => lab.host.sh('nft list set bridge guestgate silent');
    await until('it is closed', () => silent().includes(`"${mail.tap}"`));
    expect(await answeredWays(lab.host, { host: [{ address: mail.address, port: 22 }] })).toEqual([]);
    lab.end(mail);
    expect(silent()).not.toContain('elements');
  });

  test('what drops is the policy: without it, everything passes', async () => {
    lab.configure('');
    lab.guestgate('apply');
    expect(await answeredWays(lab.host, ways('bridge'))).toEqual(allWays(ways('bridge')));
    expect(lab.fetch('guest1', client6, 80)).toContain('hello');
    lab.end(web);
  });
});
