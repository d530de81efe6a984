import { describe, expect } from 'vitest';
import { publicAddress6 } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { repositoryPath } from '../support/repository.ts';
import { until } from '../support/until.ts';

/*
 * DHCPv6 by a real dnsmasq, which writes its leases by libvirt's own helper. A client is an identifier (DUID) and a number of its
 * choice (IAID); the interface is the sender's, as the host sees it. A guest that sends with its neighbour's MAC address gets
 * leases for that neighbour, by another identifier or by the neighbour's own with another number. None of them takes a forward.
 */

const folder = '/var/lib/libvirt/dnsmasq';
const helper = '/usr/lib/libvirt/libvirt_leaseshelper';
const networkXml = `<network><name>default</name><bridge name='virbr0'/><forward mode='nat'/>
  <ip family='ipv6' address='fd00:122::1' prefix='64'><dhcp><range start='fd00:122::100' end='fd00:122::1ff'/></dhcp></ip>
</network>`;

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'thief'], backend, ipv6: true }),
}));

describe.each(labs)('$backend:', ({ test, lab, web, thief }) => {
  test.beforeAll(async () => {
    lab.host.write('/run/libvirt/network/default.xml', `<networkstatus>${networkXml}</networkstatus>`);
    lab.host.sh(`mkdir -p ${folder}`);
    lab.host.write(
      '/tmp/dnsmasq.conf',
      ['port=0', 'interface=virbr0', 'bind-dynamic', 'dhcp-range=fd00:122::100,fd00:122::1ff,64,3600'].join(
        '\n',
      ),
    );
    lab.host.start('env', [
      'VIR_BRIDGE_NAME=virbr0',
      ...['dnsmasq', '-k', '--conf-file=/tmp/dnsmasq.conf', '--pid-file', '--leasefile-ro'],
      ...[`--dhcp-script=${helper}`, '--user=root', '--group=root', '--log-facility=/tmp/dnsmasq.log'],
    ]);
    await until('dnsmasq runs', () => lab.host.sh('cat /tmp/dnsmasq.log || true').includes('DHCPv6'));
    lab.configure('[guest.web]\nforward = ["8080:80"]\n');
  });

  /** A guest asks for an address, which it then has. @param mac what it sends with */
  async function ask(space: string, mac: string, duid: string, iaid: number): Promise<string> {
    const own = space === 'guest1' ? web.mac : thief.mac;
    // Its link-local address, by which the host knows the sender's MAC address, becomes that of the neighbour, too.
    const become = (address: string) =>
      lab.host.sh(`ip link set eth0 down; ip link set eth0 address ${address}; ip link set eth0 up`, {
        in: space,
      });
    if (mac !== own) become(mac);
    const client = repositoryPath('test/support/dhcp6-client.mjs');
    const { stdout } = lab.host.run(process.execPath, [client, 'eth0', duid, `${iaid}`], { in: space });
    if (mac !== own) become(own);
    const address = new URL(`http://[${stdout.trim()}]`).hostname.slice(1, -1);
    lab.host.sh(`ip addr replace ${address}/64 dev eth0 nodad; ip -6 route replace default via fd00:122::1`, {
      in: space,
    });
    await until('the lease is written', () => leases().some((lease) => lease['ip-address'] === address));
    // The bridge learns again where the neighbour's MAC address is.
    lab.host.sh('ping -c1 -W2 fd00:122::1 >/dev/null', { in: 'guest1' });
    return address;
  }

  const leases = (): Readonly<Record<string, string>>[] =>
    JSON.parse(lab.host.sh(`cat ${folder}/virbr0.status 2>/dev/null || true`) || '[]');
  const expectForward = (address: string) => {
    for (const look of [() => lab.guestgate('apply'), () => lab.hook(web, 'reconnect')]) {
      look();
      expect(lab.guestgate('status').stdout).toContain(`-> [${address}]:80`);
      expect(lab.fetch('client', publicAddress6, 8080)).toContain('hello from guest1');
    }
  };
  const plain = `00030001${web.mac.replaceAll(':', '')}`;
  const timed = `0001000112345678${web.mac.replaceAll(':', '')}`;
  let own: string;

  test('a lease of its own is where the forward leads', async () => {
    lab.host.sh('ip -6 addr flush dev eth0 scope global', { in: 'guest1' });
    for (const operation of ['prepare', 'start']) expect(lab.hook(web, operation).status).toBe(0);
    own = await ask('guest1', web.mac, plain, 1);
    expect(lab.hook(web, 'started').status).toBe(0);
    expectForward(own);
  });

  test('leases that a neighbour gets with its MAC address move nothing after its start, before it has asked', async () => {
    lab.end(web);
    for (const operation of ['prepare', 'start', 'started']) expect(lab.hook(web, operation).status).toBe(0);
    // The same identifier with another number is another client.
    await ask('guest2', web.mac, plain, 3);
    expectForward(own);
  });

  test('nor do they while it runs', async () => {
    const forged = [await ask('guest2', web.mac, timed, 1), await ask('guest2', web.mac, plain, 2)];
    const held = leases().filter((lease) => lease['mac-address'] === web.mac);
    expect(held.map((lease) => lease['ip-address'])).toEqual(expect.arrayContaining([own, ...forged]));
    expectForward(own);
    expect(lab.guestgate('check').stdout).toMatch(/several DHCP leases/);
  });

  test('a lease by the neighbour of a guest is its own, whatever identifier it asks by', async () => {
    const address = await ask('guest2', thief.mac, plain, 5);
    expect(leases().find((lease) => lease['ip-address'] === address)?.['mac-address']).toBe(thief.mac);
    expectForward(own);
  });
});
