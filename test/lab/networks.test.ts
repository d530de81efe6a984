import { beforeEach, describe, expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { defaultNetworkXml, networkHookXml } from '../support/lab-xml.ts';
import { someOf } from '../support/thoroughness.ts';

/** What libvirt says of its networks, of their ports, and of itself. */
const { test, lab, web, other } = labTest({ guests: ['web', 'other'] });
beforeEach(() => {
  lab.host.sh('nft flush ruleset; iptables -P FORWARD DROP; rm -rf /run/guestgate /run/libvirt/qemu');
  lab.host.write('/run/libvirt/network/default.xml', defaultNetworkXml);
  lab.configure(`[guest.web]
address = "${web.address}"
forward = ["8080:80"]
[guest.other]
forward = ["9090:80"]
`);
});

const jumps = () =>
  lab.host
    .sh('iptables -S FORWARD')
    .split('\n')
    .filter((rule) => rule.startsWith('-A'));
const set = (name: string) => lab.host.sh(`nft list set ip guestgate ${name}`);
const loseHeadRule = () => lab.host.sh('iptables -I FORWARD -j REJECT');
const webAnswers = () => lab.fetch('client', publicAddress, 8080).includes('hello from guest1');

describe('the head rules', () => {
  test.each(
    someOf(
      [
        ['network started', () => lab.networkHook('started')],
        ['network updated', () => lab.networkHook('updated')],
        [
          'network port-created of an interface that is known',
          () => lab.networkHook('port-created', networkHookXml({ guest: web })),
        ],
        ['daemon start', () => lab.daemonHook('start')],
        ['daemon reload', () => lab.daemonHook('reload')],
        ['daemon shutdown', () => lab.daemonHook('shutdown')],
      ] as const,
      3,
    ),
  )('are first again after %s', (_, event) => {
    lab.hook(web, 'started');
    loseHeadRule();
    expect(webAnswers()).toBe(false);
    expect(event()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(jumps()[0]).toBe('-A FORWARD -j GUESTGATE-FORWARD');
    expect(webAnswers()).toBe(true);
  });

  test.each(
    someOf(
      [
        ['network started', () => lab.networkHook('started')],
        ['network updated', () => lab.networkHook('updated')],
        ['network stopped', () => lab.networkHook('stopped')],
        ['daemon start', () => lab.daemonHook('start')],
        ['daemon reload', () => lab.daemonHook('reload')],
      ] as const,
      3,
    ),
  )('are not put there by %s while nothing is open', (_, event) => {
    const before = lab.ruleset();
    expect(event()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(lab.ruleset()).toBe(before);
  });
});

describe("a network's own elements", () => {
  test('follow its definition', () => {
    lab.hook(web, 'started');
    expect(set('gateways')).toContain('elements = { 192.168.122.1 }');
    expect(set('hairpin')).toContain('"virbr0" . "virbr0"');
    const moved = networkHookXml().replace("ip address='192.168.122.1'", "ip address='192.168.122.254'");
    lab.networkHook('updated', moved);
    expect(set('gateways')).toContain('elements = { 192.168.122.254 }');
    expect(webAnswers()).toBe(true);
  });

  test('go with it, and come back with it; its guests stay open', () => {
    lab.hook(web, 'started');
    const before = lab.ruleset();
    lab.networkHook('stopped');
    expect(set('gateways')).not.toContain('elements');
    expect(set('hairpin')).not.toContain('elements');
    expect(webAnswers()).toBe(true);
    lab.networkHook('started');
    expect(lab.ruleset()).toBe(before);
  });

  test('are those of all networks that run, before their guests start: forwards leave their gateways alone', () => {
    lab.host.write(
      '/run/libvirt/network/lan.xml',
      defaultNetworkXml
        .replace('>default<', '>lan<')
        .replaceAll('virbr0', 'virbr7')
        .replaceAll('192.168.122.', '10.7.7.'),
    );
    lab.hook(web, 'started');
    lab.host.sh('rm /run/libvirt/network/lan.xml');
    expect(set('gateways')).toContain('10.7.7.1');
    expect(set('hairpin')).toContain('"virbr7" . "virbr7"');
  });
});

describe('an interface that is plugged in while the guest runs', () => {
  const nic = '52:54:00:aa:bb:77';
  const withReservation = (xml: string) =>
    xml.replace('<range ', `<host mac='${nic}' ip='${other.address}'/><range `);
  const port = () => networkHookXml({ guest: other, mac: nic });
  const otherAnswers = () => lab.fetch('client', publicAddress, 9090).includes('hello from guest2');

  beforeEach(() => {
    lab.host.write('/run/libvirt/network/default.xml', withReservation(defaultNetworkXml));
    const started = lab.hook(other, 'started');
    expect(started.stderr).toContain('its address is not known');
    expect(otherAnswers()).toBe(false);
  });

  test('brings its address, and with it the forwards', () => {
    expect(lab.networkHook('port-created', port())).toMatchObject({ status: 0, stdout: '' });
    expect(otherAnswers()).toBe(true);
    expect(lab.guestgate('status').stdout).toContain(other.address);
  });

  test('and is pulled out again: the guest is closed by its stop at the latest', () => {
    lab.networkHook('port-created', port());
    expect(lab.networkHook('port-deleted', port())).toMatchObject({ status: 0, stdout: '' });
    lab.end(other);
    expect(otherAnswers()).toBe(false);
    expect(lab.guestgate('check').status).toBe(0);
  });

  /** The address may be somebody else's soon. It is taken for one that is not known for now, and kept. */
  test('and is pulled out again: what led to its address is closed', () => {
    lab.networkHook('port-created', port());
    lab.networkHook('port-deleted', port());
    expect(otherAnswers()).toBe(false);
  });

  test('of a guest that has no policy changes nothing', () => {
    const before = lab.ruleset();
    const stranger = { ...other, name: 'stranger', uuid: '99999999-2222-3333-4444-000000000000' };
    const ran = lab.networkHook('port-created', networkHookXml({ guest: stranger, mac: nic }));
    expect(ran).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(lab.ruleset()).toBe(before);
  });

  test('of another guest of that name, by UUID, changes nothing', () => {
    const before = lab.ruleset();
    const namesake = { ...other, uuid: '99999999-2222-3333-4444-000000000000' };
    lab.networkHook('port-created', networkHookXml({ guest: namesake, mac: nic }));
    expect(lab.ruleset()).toBe(before);
  });
});

describe('an interface that is updated while the guest runs', () => {
  const port = networkHookXml({ guest: web });
  const update = networkHookXml({ guest: web, portId: '00000000-7064-4a97-94b8-4240e6e001bb' });

  beforeEach(() => {
    lab.host.write(
      '/run/libvirt/network/default.xml',
      defaultNetworkXml.replace('<range ', `<host mac='${web.mac}' ip='${web.address}'/><range `),
    );
    lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    lab.hook(web, 'started');
  });

  test.each(
    someOf(
      [
        ['keeps its forwards', port],
        ['keeps them if the update fails', update],
      ] as const,
      3,
    ),
  )('%s: libvirt creates a second port for it and deletes one of the two', (_, deleted) => {
    lab.networkHook('port-created', update);
    expect(webAnswers()).toBe(true);
    lab.networkHook('port-deleted', deleted);
    expect(webAnswers()).toBe(true);
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('and is detached then loses them', () => {
    lab.networkHook('port-created', update);
    lab.networkHook('port-deleted', port);
    lab.networkHook('port-deleted', update);
    expect(webAnswers()).toBe(false);
  });
});

describe.each(['start', 'reload'] as const)('a %s of libvirtd', (operation) => {
  test('closes guests that are gone, and says so', () => {
    lab.hook(web, 'started');
    lab.host.sh('rm /run/libvirt/qemu/web.xml');
    expect(lab.daemonHook(operation).stderr).toContain(
      `libvirtd ${operation}: removed rules of guests that are no longer running: "web"`,
    );
    expect(webAnswers()).toBe(false);
  });

  test('closes no guest where libvirt keeps no status files', () => {
    lab.hook(web, 'started');
    lab.host.sh('rm -r /run/libvirt/qemu');
    expect(lab.daemonHook(operation)).toMatchObject({ status: 0, stderr: '' });
    expect(webAnswers()).toBe(true);
  });
});

/** A driver that found no hook when libvirtd started calls none before the reload. */
describe('a reload of libvirtd, which finds new hooks,', () => {
  beforeEach(() => lab.host.write('/run/libvirt/qemu/web.xml', lab.status(web)));

  test('opens a guest that runs without a record, and says so', () => {
    expect(lab.daemonHook('reload').stderr).toContain(
      `libvirtd reload: guest "web", which runs: 1 forward to ${web.address}`,
    );
    expect(webAnswers()).toBe(true);
    expect(lab.daemonHook('reload')).toMatchObject({ status: 0, stderr: '' });
  });

  test('says why a guest that runs without a record is not open', () => {
    lab.configure('[guest.web]\naddress = "10.0.0.1"\nforward = ["8080:80"]\n');
    expect(lab.daemonHook('reload').stderr).toMatch(/guest "web", which runs: .*the policy says 10\.0\.0\.1/);
  });

  test('leaves guests alone that have no policy, have ended, or have a record', () => {
    lab.configure('[guest.other]\nforward = ["9090:80"]\n');
    expect(lab.daemonHook('reload')).toMatchObject({ status: 0, stderr: '' });
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    lab.hook(web, 'started');
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8081:80"]\n`);
    expect(lab.daemonHook('reload')).toMatchObject({ status: 0, stderr: '' });
    expect(webAnswers()).toBe(true);
    lab.hook(web, 'stopped');
    expect(lab.daemonHook('reload')).toMatchObject({ status: 0, stderr: '' });
    expect(lab.guestgate('status').stdout).toBe('No running guest has a policy.\n');
  });
});
