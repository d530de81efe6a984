import { describe, expect } from 'vitest';
import { whileDelayed } from '../support/delayed.ts';
import { type LabGuest, publicAddress } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { defaultNetworkXml, dmzNetworkXml, networkHookXml } from '../support/lab-xml.ts';
import { until } from '../support/until.ts';

/*
 * A reservation is what DHCP will give a guest; a lease is what it has. While a guest runs, its forwards are where its
 * lease is, whatever is reserved meanwhile; before it has a lease, where its reservation is.
 */

const dnsmasq = '/var/lib/libvirt/dnsmasq';
/** 192.168.122.NUMBER */
const at = (number: number) => `192.168.122.${number}`;
/** Each lease that is written ends later than the one before it, as with dnsmasq. */
let ends = Math.floor(Date.now() / 1000) + 3600;

interface Lease {
  readonly guest: LabGuest;
  readonly number: number;
  readonly ends: number;
  readonly client?: string;
}

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'witness'], backend }),
}));

describe.each(labs)('$backend:', ({ test, lab, web, witness }) => {
  let leases: readonly Lease[] = [];

  function writeLeases(changed: readonly Lease[]): void {
    leases = changed;
    const entries = leases.map(({ guest, number, ends: end, client }) => ({
      'ip-address': at(number),
      'mac-address': guest.mac,
      'expiry-time': end,
      ...(client !== undefined && { 'client-id': client }),
    }));
    // As libvirt's helper does: a whole file is put in place of the other.
    lab.host.write(`${dnsmasq}/virbr0.status.new`, JSON.stringify(entries));
    lab.host.sh(`mv ${dnsmasq}/virbr0.status.new ${dnsmasq}/virbr0.status`);
  }

  /** dnsmasq gives the guest this lease instead of its other ones. */
  function give(guest: LabGuest, ...numbers: readonly number[]): void {
    const given = numbers.map((number) => ({ guest, number, ends: ++ends }));
    writeLeases([...leases.filter((lease) => lease.guest !== guest), ...given]);
  }

  /** The guest takes an address, and no longer answers at another. */
  function take(number: number): void {
    lab.host.sh(
      `ip -n guest1 addr flush dev eth0; ip -n guest1 addr add ${at(number)}/24 dev eth0; ip -n guest1 route add default via 192.168.122.1`,
    );
  }

  /** What `virsh net-update` writes for a reservation. */
  function reserve(number?: number): void {
    const host = number === undefined ? '' : `<host mac='${web.mac}' ip='${at(number)}'/>`;
    lab.host.write(
      '/run/libvirt/network/default.xml',
      defaultNetworkXml.replace('<range ', `${host}<range `),
    );
    const line = number === undefined ? '' : `${web.mac},${at(number)}\n`;
    lab.host.write(`${dnsmasq}/default.hostsfile`, line);
  }

  function start(guest: LabGuest): void {
    for (const operation of ['prepare', 'start', 'started'])
      expect(lab.hook(guest, operation)).toMatchObject({ status: 0, stdout: '' });
  }

  const isReached = () => lab.fetch('client', publicAddress, 8080).includes('hello from guest1');
  const addressOf = (name: string): string | undefined =>
    JSON.parse(lab.guestgate('status', '--json').stdout).guests.find(
      ({ guest }: { guest: { name: string } }) => guest.name === name,
    )?.address;

  /** When it has followed another guest's lease, the follower has also looked at those of `web`. */
  async function settle(): Promise<void> {
    const number = addressOf('witness') === at(90) ? 91 : 90;
    give(witness, number);
    await until('the lease of the other guest is followed', () => addressOf('witness') === at(number));
  }

  async function expectStays(number: number): Promise<void> {
    await settle();
    expect(addressOf('web')).toBe(at(number));
    expect(isReached()).toBe(true);
  }

  async function expectMoves(number: number): Promise<void> {
    await until(`web's record has .${number}`, () => addressOf('web') === at(number));
    // The record precedes the rules.
    await until('web is reached', isReached);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  }

  test.beforeAll(() => {
    lab.host.sh(`mkdir -p ${dnsmasq} /run/systemd/journal`);
    lab.host.start('socat', [
      '-u',
      'UNIX-RECV:/run/systemd/journal/socket',
      'OPEN:/tmp/journal,creat,append',
    ]);
    lab.host.write('/etc/libvirt/qemu/web.xml', lab.xml(web, 'stopped'));
    lab.configure('[guest.web]\nforward = ["8080:80"]\n[guest.witness]\nforward = ["8090:80"]\n');
  });

  /** Both run; `web` has got the lease of .200 since it started. */
  test.beforeEach(async () => {
    for (const guest of [web, witness]) lab.end(guest);
    reserve();
    writeLeases([]);
    start(witness);
    start(web);
    take(200);
    give(web, 200);
    give(witness, 90);
    await until('its lease is followed', () => addressOf('web') === at(200) && isReached());
  });

  test('a reservation that is added while it runs changes nothing until it asks again', async () => {
    reserve(60);
    await expectStays(200);
    expect(lab.guestgate('check')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^note: .*"web": DHCP reserves 192\.168\.122\.60 .*192\.168\.122\.200/m),
    });
    expect(lab.guestgate('replay').status).toBe(0);
    expect(isReached()).toBe(true);
    take(60);
    give(web, 60);
    await expectMoves(60);
    expect(lab.guestgate('check').stdout).not.toContain('reserves');
  });

  test('nor does one that is changed before another interface is attached and libvirtd restarts', async () => {
    reserve(200);
    await expectStays(200);
    reserve(60);
    const attached = networkHookXml({ guest: web, mac: '52:54:00:cc:dd:99' });
    expect(lab.networkHook('port-created', attached).status).toBe(0);
    expect(addressOf('web')).toBe(at(200));
    expect(isReached()).toBe(true);
    lab.daemonHook('start');
    lab.networkHook('port-created', networkHookXml({ guest: web }));
    expect(lab.hook(web, 'reconnect').stderr).toContain('1 forward to 192.168.122.200');
    await expectStays(200);
  });

  test('a reconnect that was planned before the lease changed does not take the forward back', async () => {
    const reconnect = ['/etc/libvirt/hooks/qemu', 'web', 'reconnect', 'begin', '-'];
    const change = async () => {
      take(201);
      give(web, 201);
      await until('the follower has moved it', () => addressOf('web') === at(201));
    };
    await whileDelayed(lab, reconnect, change, { input: lab.xml(web, 'reconnect') });
    expect(addressOf('web')).toBe(at(201));
    expect(isReached()).toBe(true);
  });

  test('at its next start the changed reservation counts, not the lease of its earlier run', async () => {
    reserve(60);
    lab.end(web);
    expect(lab.guestgate('plan', 'web').stdout).toContain(at(60));
    start(web);
    take(60);
    await expectStays(60);
    give(web, 60);
    await expectStays(60);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  });

  test('a guest with a reservation is followed where DHCP gave it another address', async () => {
    lab.end(web);
    reserve(60);
    start(web);
    expect(addressOf('web')).toBe(at(60));
    take(201);
    give(web, 201);
    await expectMoves(201);
  });

  test('of two leases the one whose address is open stays, and check, status and log report it', async () => {
    give(web, 200, 201);
    const report =
      /several DHCP leases \(192\.168\.122\.200, 192\.168\.122\.201\): its forwards go to 192\.168\.122\.200/;
    await until('status reports it', () => report.test(lab.guestgate('status').stdout));
    await expectStays(200);
    expect(lab.guestgate('check')).toMatchObject({ status: 1, stdout: expect.stringMatching(report) });
    await settle();
    const lines = lab.host.read('/tmp/journal').split('\n');
    expect(lines.filter((line) => report.test(line))).toHaveLength(1);
    take(201);
    writeLeases(leases.filter(({ guest, number }) => guest !== web || number === 201));
    await expectMoves(201);
    expect(lab.guestgate('status').stdout).not.toContain('several');
  });

  test('a lease that another guest gets with its MAC address moves nothing while its own is valid', async () => {
    lab.end(web);
    start(web);
    expect(addressOf('web')).toBe(at(200));
    writeLeases([...leases, { guest: web, number: 201, ends: ++ends, client: 'ff:66:6f' }]);
    const report = /several DHCP leases .*its forwards go to 192\.168\.122\.200/;
    await until('status reports it', () => report.test(lab.guestgate('status').stdout));
    await expectStays(200);
    expect(lab.guestgate('check')).toMatchObject({ status: 1, stdout: expect.stringMatching(report) });
  });

  test('its interface moves to another network, where an earlier run left a lease: the reservation there counts', async () => {
    const dmz = dmzNetworkXml({ mac: web.mac, address: '192.168.150.60' });
    lab.host.write('/run/libvirt/network/dmz.xml', dmz);
    const left = { 'ip-address': '192.168.150.77', 'mac-address': web.mac, 'expiry-time': ++ends };
    lab.host.write(`${dnsmasq}/virbr1.status`, JSON.stringify([left]));
    const move = (operation: string, portId: string, network: string) => {
      const [bridge = ''] = /virbr\d/.exec(network) ?? [];
      const xml = networkHookXml({ guest: web, portId }, network).replaceAll(/virbr\d/g, bridge);
      expect(lab.networkHook(operation, xml).status).toBe(0);
    };
    const [there, back] = ['77777777-d33f-4f38-bce0-000000000001', '77777777-d33f-4f38-bce0-000000000002'];
    move('port-created', there, dmz);
    lab.networkHook('port-deleted', networkHookXml({ guest: web }));
    expect(addressOf('web')).toBe('192.168.150.60');
    lab.host.write(`${dnsmasq}/virbr1.status`, JSON.stringify([{ ...left, 'expiry-time': ++ends }]));
    await until('the lease that it gets there counts', () => addressOf('web') === '192.168.150.77');
    move('port-created', back, defaultNetworkXml);
    move('port-deleted', there, dmz);
    give(web, 201);
    take(201);
    await expectMoves(201);
    lab.host.sh(`rm /run/libvirt/network/dmz.xml ${dnsmasq}/virbr1.status`);
  });

  test('if its state is lost while it runs, its lease counts', async () => {
    reserve(60);
    lab.host.sh('rm -r /run/guestgate');
    expect(lab.guestgate('replay').status).toBe(0);
    expect(addressOf('web')).toBe(at(200));
    expect(isReached()).toBe(true);
    lab.host.sh('rm -r /run/guestgate');
    for (const guest of [web, witness]) lab.hook(guest, 'reconnect');
    await expectStays(200);
  });
});
