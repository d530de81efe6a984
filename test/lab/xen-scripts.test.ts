import { afterEach, describe, expect } from 'vitest';
import { publicAddress, publicAddress6 } from '../support/lab.ts';
import { isThorough } from '../support/thoroughness.ts';
import { backend, type Domain, type InterfaceChoice, macOf } from '../support/xen-domain.ts';
import { xenTest } from '../support/xen-test.ts';

/* Xen's own vif scripts, with guestgate's vif-common.sh in the place of theirs: what comes of each call. */

const { test, xen } = xenTest();
/** Relatives of other tests here: `npm test` leaves them to `npm run test:lab`. */
const rare = isThorough ? test : undefined;
const running: Domain[] = [];

test.beforeAll(() => {
  xen.host.sh('iptables -P FORWARD DROP');
});
afterEach(() => {
  for (const domain of running.splice(0)) xen.end(domain);
  xen.lab.configure('');
  expect(records()).toEqual([]);
});

function start(name: string, ...nics: readonly InterfaceChoice[]): Domain {
  const domain = define(name, ...nics);
  for (const index of nics.keys()) xen.online(domain, index);
  return domain;
}

function define(name: string, ...nics: readonly InterfaceChoice[]): Domain {
  const domain = xen.define(name, nics);
  running.push(domain);
  return domain;
}

/** The guests that have a record, each with its ports. */
function records(): string[] {
  return xen.openGuests().map(({ guest, elements }) => {
    const ports = elements.flatMap(({ element }) => (element.kind === 'vif' ? (element.port ?? []) : []));
    return [`${guest.driver} ${guest.name}`, ...ports].join(' ');
  });
}

/** The sources that a port may send from, as the kernel has them. */
function sources(table: 'bridge' | 'inet' = 'bridge'): string[] {
  const list = (set: string) =>
    xen.host.sh(`nft list set ${table} guestgate ${set}`).match(/"\S+" \. [\d.:a-f/]+/g) ?? [];
  return [...list('sources'), ...list('sources6')].map((entry) => entry.replaceAll('"', ''));
}

/** The accepts in iptables. */
function accepts(): string[] {
  const lines = xen.host.sh('iptables-save -t filter').split('\n');
  return lines
    .filter((line) => line.startsWith('-A GUESTGATE-VIFS'))
    .map((line) => line.replace('-A GUESTGATE-VIFS ', ''));
}

function lastLine(): string {
  return xen.log().trim().split('\n').at(-1) ?? '';
}

describe('forwards', () => {
  test("lead to the address that ip= gives, in both families; the guest's name is its domain's", () => {
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const web = start('web', { ip: '10.99.0.2 fd00:99::2' });
    xen.lab.serve(`dom${web.id}`, 'hello from web');
    expect(xen.status(web)).toBe('connected');
    expect(xen.lab.fetch('client', publicAddress, 8080)).toBe('hello from web, you are 198.51.100.2');
    // A port that has just come up may miss the first question for its neighbour.
    expect(xen.pings('host', 'fd00:99::2')).toBe(true);
    expect(xen.lab.fetch('client', publicAddress6, 8080)).toBe('hello from web, you are 2001:db8:1::2');
    expect(lastLine()).toMatch(
      /^guestgate: xen guest "web" vif\d+\.0 online: 1 vif, 2 forwards to 10.99.0.2 and fd00:99::2 /,
    );
    xen.end(running.pop() as Domain);
    expect(lastLine()).toMatch(/^guestgate: xen guest "web" vif\d+\.0 offline: removed: 1 vif, 2 forwards/);
    expect(xen.lab.fetch('client', publicAddress, 8080)).not.toContain('hello');
  });

  test('go by the UUID, and to the address of the policy where xl says none', () => {
    const web = define('web', {});
    xen.lab.configure(`[guest."${web.uuid}"]\naddress = "10.99.0.9"\nforward = ["8080:80"]\n`);
    xen.address(`dom${web.id}`, '10.99.0.9');
    xen.lab.serve(`dom${web.id}`, 'hello from web');
    xen.online(web, 0);
    expect(xen.lab.fetch('client', publicAddress, 8080)).toBe('hello from web, you are 198.51.100.2');
  });

  rare?.("go to what dnsmasq leased on a host that has no libvirt's", () => {
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const web = define('web', {});
    const later = Math.floor(Date.now() / 1000) + 3600;
    xen.host.write(
      '/var/lib/misc/dnsmasq.leases',
      `${later} ${macOf(web.id)} 10.99.0.50 web 01:${macOf(web.id)}\n`,
    );
    xen.online(web, 0);
    expect(xen.openGuests()[0]).toMatchObject({
      address: '10.99.0.50',
      addressSource: 'the lease in /var/lib/misc/dnsmasq.leases',
    });
    xen.host.sh('rm /var/lib/misc/dnsmasq.leases');
  });
});

describe('events', () => {
  test('twice is once', () => {
    const web = start('web', { ip: '10.99.0.2' });
    const rules = xen.lab.ruleset();
    // A script that runs again finds the interface as it left it.
    for (const _ of [1, 2]) xen.script(web, 0, 'online');
    expect(xen.lab.ruleset()).toBe(rules);
    for (const _ of [1, 2]) expect(xen.script(web, 0, 'offline').status).toBe(0);
    expect(records()).toEqual([]);
  });

  test('several interfaces come and go one by one, and together', () => {
    const [one, two] = [{ ip: '10.99.0.2' }, { ip: '10.99.0.3', vifname: 'web1' }];
    const web = start('web', one, two);
    expect(records()).toEqual([`libxl web vif${web.id}.0 web1`]);
    expect(sources()).toEqual([`vif${web.id}.0 . 10.99.0.2`, 'web1 . 10.99.0.3']);
    xen.unplug(web, 0);
    expect(records()).toEqual(['libxl web web1']);
    expect(sources()).toEqual(['web1 . 10.99.0.3']);
    xen.plug(web, 0);
    xen.online(web, 0);
    expect(records()).toEqual([`libxl web vif${web.id}.0 web1`]);
    const others = ['a', 'b', 'c'].map((name, index) => define(name, { ip: `10.99.0.1${index}` }, {}));
    const call = ({ id }: Domain, nic: number) =>
      `XENBUS_PATH=${backend(id, nic)} vif=vif${id}.${nic} /etc/xen/scripts/vif-bridge online type_if=vif & `;
    xen.host.sh(`${others.flatMap((one) => [call(one, 0), call(one, 1)]).join('\n')} wait`);
    for (const one of others) for (const nic of [0, 1]) expect(xen.status(one, nic)).toBe('connected');
    expect(records()).toHaveLength(4);
    for (const one of others) expect(records()).toContain(`libxl ${one.name} vif${one.id}.0 vif${one.id}.1`);
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    // The stock lock is given back.
    expect(xen.host.sh('ls /var/run/xen-hotplug')).toBe('');
  });

  test("an HVM guest's emulated interface has the same rules, and ends with the interface", () => {
    const win = start('win', { ip: '10.99.0.5', type: 'vif_ioemu', vifname: 'win0' });
    expect(xen.script(win, 0, 'add', { type: 'tap' }).status).toBe(0);
    expect(xen.host.sh('ip -br link show dev win0-emu')).toContain('win0-emu');
    expect(records()).toEqual(['libxl win win0 win0-emu']);
    expect(sources()).toEqual(['win0 . 10.99.0.5', 'win0-emu . 10.99.0.5']);
    expect(accepts()).toContain(
      '-s 10.99.0.5/32 -m physdev --physdev-in win0-emu --physdev-is-bridged -j ACCEPT',
    );
    xen.host.sh('ip link del win0-emu');
    expect(xen.script(win, 0, 'remove', { type: 'tap' }).status).toBe(0);
    expect(records()).toEqual(['libxl win win0 win0-emu']);
  });

  test('a call that is not for a port ends immediately, with nothing done', () => {
    const web = define('web', { ip: '10.99.0.2' });
    for (const [command, type] of [
      ['add', 'vif'],
      ['remove', 'vif'],
      ['online', 'tap'],
      ['offline', 'tap'],
    ] as const)
      expect(xen.script(web, 0, command, { type }).status).toBe(0);
    expect(records()).toEqual([]);
  });

  test('after a crash, or a reboot in the guest, the name has another number: the new one counts', () => {
    const first = xen.start('web', [{ ip: '10.99.0.2' }]);
    const second = start('web', { ip: '10.99.0.2' });
    expect(records()).toEqual([`libxl web vif${second.id}.0`]);
    // The old one's script, if it comes at all, comes too late.
    xen.end(first);
    expect(records()).toEqual([`libxl web vif${second.id}.0`]);
  });

  rare?.('a guest that arrives from another host is called so until it runs', () => {
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const web = start('web--incoming', { ip: '10.99.0.2' });
    expect(records()).toEqual([`libxl web vif${web.id}.0`]);
    xen.write({ [`/local/domain/${web.id}/name`]: 'web' });
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    // And away again: its name is another then.
    xen.write({ [`/local/domain/${web.id}/name`]: 'web--migratedaway' });
    xen.unplug(web, 0);
    expect(records()).toEqual([]);
  });

  test('one that arrives beside the running guest of its name takes nothing of it, until it replaces it', () => {
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\nisolated = true\non_error = "deny"\n');
    const web = start('web', { ip: '10.99.0.2' });
    const rules = xen.lab.ruleset();
    const arriving = define('web--incoming', { ip: '10.99.0.2' });
    // A migration within the host keeps the UUID.
    xen.write({ [`/local/domain/${arriving.id}/vm`]: `/vm/${web.uuid}` });
    expect(xen.script(arriving, 0, 'online').status).toBe(0);
    expect(records()).toEqual([`libxl web vif${web.id}.0`, `libxl web--incoming vif${arriving.id}.0`]);
    expect(sources().sort()).toEqual(
      [`vif${web.id}.0 . 10.99.0.2`, `vif${arriving.id}.0 . 10.99.0.2`].sort(),
    );
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    expect(xen.lab.guestgate('replay').status).toBe(0);
    expect(records()).toEqual([`libxl web vif${web.id}.0`, `libxl web--incoming vif${arriving.id}.0`]);
    // xl gives it up: nothing of it is left, and the running one has all that it had.
    xen.script(arriving, 0, 'offline');
    expect(records()).toEqual([`libxl web vif${web.id}.0`]);
    expect(xen.lab.ruleset()).toBe(rules);
    // Once more, and it replaces the running one.
    expect(xen.script(arriving, 0, 'online').status).toBe(0);
    xen.write({
      [`/local/domain/${web.id}/name`]: 'web--migratedaway',
      [`/local/domain/${arriving.id}/name`]: 'web',
    });
    xen.end(web);
    running.splice(running.indexOf(web), 1);
    expect(records()).toEqual([`libxl web vif${arriving.id}.0`]);
    expect(xen.openGuests()[0]?.elements.map(({ element }) => element.kind)).toEqual(['vif', 'forward']);
    expect(sources()).toEqual([`vif${arriving.id}.0 . 10.99.0.2`]);
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
  });

  rare?.('a guest that starts while another one arrives by its name has its own', () => {
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const arriving = start('web--incoming', { ip: '10.99.0.2' });
    const web = start('web', { ip: '10.99.0.3' });
    expect(records()).toEqual([`libxl web vif${web.id}.0`, `libxl web--incoming vif${arriving.id}.0`]);
    expect(sources().sort()).toEqual(
      [`vif${arriving.id}.0 . 10.99.0.2`, `vif${web.id}.0 . 10.99.0.3`].sort(),
    );
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
  });

  test('a guest that is renamed while it runs keeps its ports, under its new name', () => {
    const web = start('web', { ip: '10.99.0.2' });
    xen.write({ [`/local/domain/${web.id}/name`]: 'shop' });
    xen.script(web, 0, 'online');
    expect(records()).toEqual([`libxl shop vif${web.id}.0`]);
  });

  rare?.('names hold what they like', () => {
    const name = 'two words "; nft flush ruleset; $(reboot) \\ ü';
    xen.lab.configure(`[guest.'${name}']\nforward = ["8080:80"]\n`);
    const web = start(name, { ip: '10.99.0.2' });
    expect(records()).toEqual([`libxl ${name} vif${web.id}.0`]);
    expect(xen.lab.ruleset()).toContain('comment "two%20words%20');
  });
});

describe("libvirt's guests", () => {
  test('have one record: the vif script and the hook say the same of them', () => {
    const uuid = 'aaaaaaaa-bbbb-cccc-dddd-000000000001';
    const web = xen.define('web', [{ ip: '10.99.0.2' }], uuid);
    running.push(web);
    // Its address is in the description of the guest alone.
    xen.lab.configure('[host.metadata]\nkeys = ["address"]\n');
    const metadata = `<gg:guest xmlns:gg="urn:guestgate:1"><gg:portForward><gg:range start="8080" to="80"/></gg:portForward></gg:guest>`;
    const xml = `<domain type='xen' id='${web.id}'><name>web</name><uuid>${uuid}</uuid><metadata>${metadata}</metadata><devices>
      <interface type='bridge'><mac address='${macOf(web.id)}'/><ip address='10.99.0.2'/><source bridge='xenbr0'/>
      <target dev='vif${web.id}.0'/></interface></devices></domain>`;
    const hook = (operation: string, end = 'begin') =>
      xen.host.run('/etc/libvirt/hooks/libxl', ['web', operation, end, '-'], { input: xml });
    xen.host.write('/etc/libvirt/libxl/web.xml', xml);
    for (const operation of ['prepare', 'start']) hook(operation);
    // libxl runs the script while libvirt waits for it.
    xen.online(web, 0);
    const [opened] = xen.openGuests();
    expect(opened?.elements.map(({ element }) => element.kind)).toEqual(['vif', 'forward']);
    const rules = xen.lab.ruleset();
    // Whoever plans it anew meanwhile reads its definition, too.
    expect(xen.lab.guestgate('replay').status).toBe(0);
    expect(xen.openGuests()[0]?.elements).toHaveLength(2);
    expect(xen.lab.ruleset()).toBe(rules);
    xen.host.write('/run/libvirt/libxl/web.xml', `<domstatus>${xml}</domstatus>`);
    hook('started');
    expect(xen.lab.ruleset()).toBe(rules);
    expect(records()).toEqual([`libxl web vif${web.id}.0`]);
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    expect(xen.lab.guestgate('replay').status).toBe(0);
    expect(records()).toEqual([`libxl web vif${web.id}.0`]);
    // libvirtd starts anew: those that xl started are no strangers to be swept away.
    const other = start('other', { ip: '10.99.0.4' });
    xen.lab.daemonHook('start');
    expect(records()).toEqual([`libxl other vif${other.id}.0`, `libxl web vif${web.id}.0`]);
    xen.host.run('nft', ['delete', 'table', 'ip', 'guestgate']);
    hook('reconnect');
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    expect(records()).toEqual([`libxl other vif${other.id}.0`, `libxl web vif${web.id}.0`]);
    xen.host.sh('rm -r /run/libvirt/libxl');
    xen.unplug(web, 0);
    hook('stopped', 'end');
    hook('release', 'end');
    expect(records()).toEqual([`libxl other vif${other.id}.0`]);
    xen.host.sh('rm -r /etc/libvirt/libxl');
  });
});

describe('replay', () => {
  test('rebuilds everything from xenstore, and removes guests that ended without an event', () => {
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const web = start('web', { ip: '10.99.0.2' });
    const gone = xen.start('gone', [{ ip: '10.99.0.3' }]);
    const rules = () => xen.lab.ruleset().replaceAll(/\n.*(10\.99\.0\.3|gone).*/g, '');
    const before = rules();
    xen.host.sh(
      `xenstore-rm /local/domain/${gone.id}; xenstore-rm ${backend(gone.id, 0)}; nft flush ruleset; iptables -P FORWARD DROP; rm -r /run/guestgate`,
    );
    expect(xen.lab.guestgate('replay').stdout).toContain('libxl "web": 2 elements');
    expect(records()).toEqual([`libxl web vif${web.id}.0`]);
    expect(sources()).toEqual([`vif${web.id}.0 . 10.99.0.2`]);
    expect(before).toContain('10.99.0.2');
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    xen.host.sh(`ip netns del dom${gone.id}`);
  });

  test('where xenstore does not answer, existing rules stay', () => {
    const web = start('web', { ip: '10.99.0.2' });
    xen.host.sh('mv /run/xenstored /run/away');
    expect(xen.lab.guestgate('replay').status).toBe(0);
    expect(records()).toEqual([`libxl web vif${web.id}.0`]);
    xen.host.sh('mv /run/away /run/xenstored');
  });

  test('plan and status know a guest of xl', () => {
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const web = start('web', { ip: '10.99.0.2' });
    expect(xen.lab.guestgate('plan', 'web').stdout).toContain(
      `# vif${web.id}.0 sends from ${macOf(web.id)} 10.99.0.2/32`,
    );
    expect(xen.lab.guestgate('publish', 'web', '8081:81').stdout).toContain('runs with 2 forwards now');
    expect(xen.lab.guestgate('status').stdout).toContain('*:8081/tcp -> 10.99.0.2:81');
    xen.host.sh('rm -rf /etc/guestgate/guests.d/*');
  });
});

describe('accepts in iptables', () => {
  test('follow the other head rule in FORWARD, or come last, as configured', () => {
    xen.host.sh('iptables -A FORWARD -j LOG; iptables -A FORWARD -p tcp -j ACCEPT');
    const forward = () => xen.lab.host.sh('iptables -S FORWARD').split('\n').slice(1, -1);
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const web = start('web', { ip: '10.99.0.2' });
    expect(forward().slice(0, 2)).toEqual([
      '-A FORWARD -j GUESTGATE-FORWARD',
      '-A FORWARD -j GUESTGATE-VIFS',
    ]);
    xen.lab.configure('[host]\nvif_rules = "bottom"\n[guest.web]\nforward = ["8080:80"]\n');
    expect(xen.lab.guestgate('apply').status).toBe(0);
    expect(forward().at(0)).toBe('-A FORWARD -j GUESTGATE-FORWARD');
    expect(forward().at(-1)).toBe('-A FORWARD -j GUESTGATE-VIFS');
    expect(forward()).toHaveLength(4);
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    // Somebody puts one behind it: the next event moves it back.
    xen.host.sh('iptables -A FORWARD -j DROP');
    expect(xen.lab.guestgate('check').stdout).toContain(
      'not in their place in iptables FORWARD (guestgate replay)',
    );
    xen.lab.configure('');
    xen.unplug(web, 0);
    expect(forward()).toEqual([
      '-A FORWARD -j GUESTGATE-FORWARD',
      '-A FORWARD -j LOG',
      '-A FORWARD -p tcp -j ACCEPT',
      '-A FORWARD -j DROP',
    ]);
    xen.host.sh('for r in "-j LOG" "-p tcp -j ACCEPT" "-j DROP"; do iptables -D FORWARD $r; done');
  });

  test('are left out, and the log says so, while bridged frames do not pass iptables', () => {
    xen.host.sh('sysctl -qw net.bridge.bridge-nf-call-iptables=0');
    start('web', { ip: '10.99.0.2' });
    expect(accepts()).toEqual([]);
    expect(lastLine()).toContain(
      'no physdev rules: bridged frames do not pass iptables, net.bridge.bridge-nf-call-iptables is not 1',
    );
    expect(xen.lab.guestgate('check').stdout).toContain('so bridged frames do not pass iptables');
    xen.host.sh('sysctl -qw net.bridge.bridge-nf-call-iptables=1');
    expect(xen.lab.guestgate('check').stdout).toContain(
      'the accepts for bridged guests are not in their place',
    );
    expect(xen.lab.guestgate('replay').status).toBe(0);
    expect(accepts()).not.toEqual([]);
  });

  rare?.('of iptables-legacy, too, where its FORWARD drops', () => {
    xen.host.sh('iptables-legacy -P FORWARD DROP');
    start('web', { ip: '10.99.0.2' });
    expect(xen.host.sh('iptables-legacy-save -t filter')).toContain('--physdev-in');
    xen.end(running.pop() as Domain);
    expect(xen.host.sh('iptables-legacy-save -t filter')).not.toContain('VIFS');
    xen.host.sh('iptables-legacy -P FORWARD ACCEPT');
  });
});

test('on a host without nft, iptables checks what guests send; where it cannot either, that is reported', () => {
  const withoutNft = '[host]\nbackend = "iptables"\n';
  xen.lab.configure(withoutNft);
  // A host that never had nft has no rules of nft's either.
  xen.host.sh('nft flush ruleset; rm -rf /run/guestgate; mv /usr/sbin/nft /usr/sbin/nft.away');
  try {
    const web = start('web', { ip: '10.99.0.2' });
    start('other', { ip: '10.99.0.3' });
    expect(accepts()).toContain(`-m physdev --physdev-in vif${web.id}.0 --physdev-is-bridged -j DROP`);
    const space = `dom${web.id}`;
    expect(xen.pings(space, '10.99.0.3')).toBe(true);
    xen.host.sh(`ip -n ${space} addr add 10.99.0.77/24 dev eth0`);
    expect(xen.isSilent(space, '10.99.0.3', '10.99.0.77')).toBe(true);
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    xen.host.sh('sysctl -qw net.bridge.bridge-nf-call-iptables=0');
    xen.script(web, 0, 'online');
    expect(lastLine()).toContain('guestgate: warn: xen guest "web"');
    expect(lastLine()).toContain('source addresses of Xen guests are not checked');
    expect(xen.lab.guestgate('check').stdout).toContain('source addresses of Xen guests are not checked');
    xen.host.sh('sysctl -qw net.bridge.bridge-nf-call-iptables=1');
    for (const domain of running.splice(0)) xen.end(domain);
    expect(accepts()).toEqual([]);
  } finally {
    xen.host.sh('mv /usr/sbin/nft.away /usr/sbin/nft; sysctl -qw net.bridge.bridge-nf-call-iptables=1');
    for (const domain of running.splice(0)) xen.end(domain);
  }
  // Back to nftables, which has tables for it.
  xen.lab.configure('');
  expect(xen.lab.guestgate('replay').status).toBe(0);
});

describe("Xen's other scripts", () => {
  test('vif-route: packets are checked where they arrive', () => {
    const web = start('web', { ip: '10.99.8.2', script: 'vif-route' });
    expect(xen.status(web)).toBe('connected');
    expect(sources('inet')).toEqual([`vif${web.id}.0 . 10.99.8.2`]);
    const space = `dom${web.id}`;
    xen.host.sh(`ip -n ${space} addr flush dev eth0; ip -n ${space} addr add 10.99.8.2/32 dev eth0; ip -n ${space} route add 198.51.100.1 dev eth0
      ip -n ${space} route add default via 198.51.100.1`);
    expect(xen.pings(space, '198.51.100.1')).toBe(true);
    xen.host.sh(`ip -n ${space} addr add 10.99.8.3/32 dev eth0; ip route add 10.99.8.3 dev vif${web.id}.0`);
    expect(xen.isSilent(space, '198.51.100.1', '10.99.8.3')).toBe(true);
    // No iptables for what is no bridge's.
    expect(accepts()).toEqual([]);
  });

  test('vif-route: the port is inside, open ports hold at all of ip=, and an address of the host is no guest', () => {
    xen.lab.configure(
      '[host]\ninterface = "eth0"\n[guest.web]\nforward = ["8080:80"]\nopen = ["443"]\n[guest.own]\nforward = ["8081:80"]\n',
    );
    const web = start('web', { ip: '10.99.8.2 10.99.8.3', script: 'vif-route' });
    const plain = start('plain', { ip: '10.99.8.4', script: 'vif-route' });
    const inside = xen.host.sh('nft list set ip guestgate hairpin');
    for (const { id } of [web, plain]) expect(inside).toContain(`"vif${id}.0" . "vif${id}.0"`);
    expect(xen.host.sh('nft list set ip guestgate open')).toMatch(/10\.99\.8\.2 .*10\.99\.8\.3 /s);
    expect(xen.lab.guestgate('check').stdout).toContain(
      'it also has the address 10.99.8.3: its forwards go to 10.99.8.2',
    );
    start('own', { ip: '198.51.100.1' });
    expect(lastLine()).toContain("198.51.100.1, which is the host's own address");
    for (const domain of running.splice(0)) xen.end(domain);
    expect(xen.host.sh('nft list set ip guestgate hairpin')).not.toContain('vif');
  });

  rare?.('vif-nat: the address that it makes up counts', () => {
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const web = start('web', { script: 'vif-nat' });
    expect(xen.status(web)).toBe('connected');
    expect(sources('inet')).toEqual([`vif${web.id}.0 . 10.0.${web.id}.1`]);
    expect(xen.openGuests()[0]).toMatchObject({ address: `10.0.${web.id}.1` });
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
  });

  rare?.('vif-openvswitch: forwards work; that its frames are not seen is reported', () => {
    xen.host.write('/usr/bin/ovs-vsctl', '#!/bin/sh\necho "$@" >>/tmp/ovs\n');
    xen.host.sh('chmod +x /usr/bin/ovs-vsctl');
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const web = define('web', { ip: '10.99.0.2', script: 'vif-openvswitch' });
    xen.write({ [`/vm/${web.uuid}/name`]: 'web', [`/vm/${web.uuid}/uuid`]: web.uuid });
    xen.online(web, 0);
    expect(xen.host.read('/tmp/ovs')).toContain(`add-port xenbr0 vif${web.id}.0`);
    expect(lastLine()).toContain('is on Open vSwitch, whose frames pass no rule of the host');
    expect(records()).toEqual(['libxl web']);
  });

  test('vif-guestgate alone sets up a bridged interface', () => {
    const web = start('web', { ip: '10.99.0.2', script: 'vif-guestgate' });
    expect(xen.status(web)).toBe('connected');
    expect(xen.pings(`dom${web.id}`, '10.99.0.1')).toBe(true);
    expect(records()).toEqual([`libxl web vif${web.id}.0`]);
  });
});

describe('what goes wrong', () => {
  test('in guestgate never fails an interface', () => {
    const web = define('web', { ip: '10.99.0.2' });
    xen.host.write('/usr/local/sbin/nft', '#!/bin/sh\nexit 1\n');
    xen.host.sh('chmod +x /usr/local/sbin/nft; mv /usr/sbin/nft /usr/sbin/nft.away');
    xen.online(web, 0);
    xen.host.sh('mv /usr/sbin/nft.away /usr/sbin/nft; rm /usr/local/sbin/nft');
    expect(xen.status(web)).toBe('connected');
    expect(lastLine()).toContain('guestgate: error: xen guest "web"');
    xen.script(web, 0, 'online');
    expect(records()).toEqual([`libxl web vif${web.id}.0`]);
  });

  rare?.('nor does it where the program is gone', () => {
    const web = define('web', { ip: '10.99.0.2' });
    xen.host.sh('mv /usr/bin/guestgate /usr/bin/guestgate.away');
    xen.online(web, 0);
    xen.host.sh('mv /usr/bin/guestgate.away /usr/bin/guestgate');
    expect(xen.status(web)).toBe('connected');
  });

  test('unless the policy says deny', () => {
    xen.lab.configure(
      '[guest.one]\nforward = ["8080:80"]\n[guest.two]\nforward = ["8080:80"]\non_error = "deny"\n',
    );
    start('one', { ip: '10.99.0.2' });
    const two = define('two', { ip: '10.99.0.3' });
    expect(xen.script(two, 0, 'online').status).toBe(1);
    expect(xen.status(two)).toBe('error');
    expect(xen.error(two)).toContain('guestgate refuses');
    expect(xen.log()).toContain('8080/tcp is taken by libxl guest "one"');
    // libxl runs it to clean up.
    expect(xen.script(two, 0, 'offline').status).toBe(0);
    expect(records()).toHaveLength(1);
  });

  rare?.('unless it says so, and the kernel refuses', () => {
    xen.lab.configure('[guest.web]\nforward = ["8080:80"]\non_error = "deny"\n');
    const web = define('web', { ip: '10.99.0.2' });
    xen.host.sh('mv /usr/sbin/nft /usr/sbin/nft.away; ln -s /bin/false /usr/sbin/nft');
    expect(xen.script(web, 0, 'online').status).toBe(1);
    xen.host.sh('mv /usr/sbin/nft.away /usr/sbin/nft');
    expect(xen.script(web, 0, 'offline').status).toBe(0);
  });

  test('a missing bridge fails the interface, as with Xen, and what there was is taken away', () => {
    const web = start('web', { ip: '10.99.0.2' });
    xen.write({ [`${backend(web.id, 0)}/bridge`]: 'nosuch' });
    expect(xen.script(web, 0, 'offline').status).toBe(1);
    expect(xen.error(web)).toContain('nosuch');
    expect(records()).toEqual([]);
    const other = define('other', { bridge: 'nosuch' });
    expect(xen.script(other, 0, 'online').status).toBe(1);
    expect(records()).toEqual([]);
  });

  rare?.('an unknown command, or no interface', () => {
    const web = define('web', { ip: '10.99.0.2' });
    expect(xen.script(web, 0, 'frobnicate').status).toBe(1);
    expect(xen.script(web, 0, 'online', { without: 'XENBUS_PATH' }).status).not.toBe(0);
    expect(xen.script(web, 0, 'online', { without: 'vif' }).status).not.toBe(0);
    expect(records()).toEqual([]);
  });

  test('a vifname that is taken stays whose it is', () => {
    start('one', { ip: '10.99.0.2', vifname: 'web0' });
    const two = define('two', { ip: '10.99.0.3', vifname: 'web0' });
    expect(xen.script(two, 0, 'online').status).toBe(1);
    expect(xen.error(two)).toContain('there is an interface of that name already');
    expect(records()).toEqual(['libxl one web0']);
    // Its end must not take the other's rules along.
    xen.host.sh(`xenstore-rm ${backend(two.id, 0)}/vifname`);
    expect(xen.script(two, 0, 'offline').status).toBe(0);
    expect(records()).toEqual(['libxl one web0']);
  });

  test('xenstore is gone: the interface is refused, because nothing says what its guest may send from', () => {
    xen.host.sh('mv /run/xenstored /run/away');
    const ran = xen.host.run('/usr/bin/guestgate', ['vif', 'online', 'type_if=vif', 'dev=vif9.0'], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', XENBUS_PATH: 'backend/vif/9/0' },
      mayFail: true,
    });
    expect(ran).toMatchObject({ status: 77, stdout: '' });
    expect(ran.stderr).toContain('reading xenstore: no interface at backend/vif/9');
    xen.host.sh('mv /run/away /run/xenstored');
  });

  test('xenstore does not say what an emulated twin may send from: it is refused, unless it is checked already', () => {
    const win = define('win', { ip: '10.99.0.5', type: 'vif_ioemu' });
    const silent = (action: () => void) => {
      xen.host.sh('mv /usr/bin/xenstore-ls /usr/bin/xenstore-ls.away; ln -s /bin/false /usr/bin/xenstore-ls');
      action();
      xen.host.sh('mv /usr/bin/xenstore-ls.away /usr/bin/xenstore-ls');
    };
    silent(() => expect(xen.script(win, 0, 'add', { type: 'tap' }).status).toBe(1));
    expect(xen.error(win)).toContain('guestgate refuses');
    xen.online(win, 0);
    silent(() => expect(xen.script(win, 0, 'add', { type: 'tap' }).status).toBe(0));
    expect(records()).toEqual([`libxl win vif${win.id}.0 vif${win.id}.0-emu`]);
  });

  test('hostile arguments are texts, and set nothing that they should not', () => {
    const web = define('web', { ip: '10.99.0.2' });
    const args = [
      'ip=$(touch /tmp/evaluated)',
      'bridge=`touch /tmp/evaluated`',
      'x=;touch /tmp/evaluated',
      'type_if=vif;touch /tmp/evaluated',
      'PATH=/nowhere',
      'dir=/tmp',
      'LD_PRELOAD=/tmp/evil.so',
      "netdev='; touch /tmp/evaluated; '",
      'IFS=x',
    ];
    expect(xen.script(web, 0, 'online', { args }).status).toBe(0);
    expect(xen.host.sh('ls /tmp')).not.toContain('evaluated');
    expect(xen.status(web)).toBe('connected');
    expect(sources()).toEqual([`vif${web.id}.0 . 10.99.0.2`]);
    for (const path of [
      'backend/vif/1/0; touch /tmp/evaluated',
      '/etc',
      'backend/vif/../0',
      'backend/vif/1/0/x',
    ])
      expect(
        xen.host.run('/usr/bin/guestgate', ['vif', 'online', `dev=${path}`], {
          env: { PATH: '/usr/bin', XENBUS_PATH: path },
        }),
      ).toMatchObject({ status: 0, stdout: '' });
  });

  test('invalid entries of ip= are reported, and open nothing', () => {
    const web = start('web', { ip: 'www.example.com 10.99.0.2' });
    expect(lastLine()).toContain(
      `invalid ip= "www.example.com" of "vif${web.id}.0": neither address nor network`,
    );
    expect(sources()).toEqual([`vif${web.id}.0 . 10.99.0.2`]);
  });
});
