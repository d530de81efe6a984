import { describe, expect, test } from 'vitest';
import { desiredElements } from '../../../src/desired/desired-elements.ts';
import { locateGuest } from '../../../src/desired/guest-addresses.ts';
import { nextRun } from '../../../src/desired/guest-run.ts';
import { summarize } from '../../../src/hook/count-elements.ts';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import type { Element } from '../../../src/model/element.ts';
import { describeFault } from '../../../src/model/finding.ts';
import type { Guest } from '../../../src/model/guest.ts';
import type { InterfaceChoice } from '../../../src/model/interface-choice.ts';
import type { Forward, GuestPolicy } from '../../../src/model/policy.ts';
import type { GuestRecord } from '../../../src/state/records.ts';

const mac = '52:54:00:aa:bb:01';
const nic = { mac, network: 'default', bridge: 'virbr0', addresses: [] };
const guest: Guest = { driver: 'qemu', name: 'web', nics: [nic] };
const four = { address: '192.168.122.1', network: '192.168.122.0/24' };
const six = { address: 'fd00:122::1', network: 'fd00:122::/64' };

/** The interface on a network with these gateways and reservations. */
function on(gateways: readonly (typeof four)[], ...reserved: string[]): NicSurroundings[] {
  const reservations = reserved.map((address) => ({ mac, address }));
  return [{ nic, network: { name: 'default', gateways, reservations }, networkFiles: ['/n.xml'] }];
}

const at = (host: string): GuestPolicy => {
  const forward: Forward = { host, protocol: 'tcp', ports: { first: 80, last: 80 }, to: 80, text: '80' };
  return { forwards: [forward] };
};
const anywhere = at('any');
const found = (policy: GuestPolicy, surroundings: readonly NicSurroundings[]) => {
  const { found: addresses, problems, unknown } = locateGuest(guest, policy, surroundings, nextRun());
  return [addresses.map(({ address }) => address), problems.map(describeFault), unknown];
};

test('a guest without any interface waits for no lease, and the message says what to do', () => {
  for (const policy of [anywhere, at('198.51.100.1')]) {
    const { problems, byLease } = locateGuest({ ...guest, nics: [] }, policy, [], nextRun());
    expect(problems).toMatchObject([
      {
        problem: expect.stringMatching(/has no <interface>$/),
        advice: expect.stringMatching(/^attach an interface: virsh attach-interface/),
      },
    ]);
    expect(problems.map(describeFault).join()).not.toContain('lease');
    expect(byLease).toBe(false);
  }
  expect(found(anywhere, on([four]))[1]).toEqual([
    expect.stringContaining('forwards are added when the guest gets a DHCP lease'),
  ]);
});

test('what is for any address holds in the families that the guest has', () => {
  expect(found(anywhere, on([four], '192.168.122.9'))).toEqual([['192.168.122.9'], [], []]);
  expect(found(anywhere, on([four, six], '192.168.122.9', 'fd00:122::9'))).toEqual([
    ['192.168.122.9', 'fd00:122::9'],
    [],
    [],
  ]);
  expect(found(anywhere, on([six], 'fd00:122::9'))).toEqual([['fd00:122::9'], [], []]);
});

test('a second family that is not known now is no problem; a missing address of IPv4 is, where one is to be expected', () => {
  expect(found(anywhere, on([four, six], '192.168.122.9'))).toEqual([['192.168.122.9'], [], ['ip6']]);
  expect(found(anywhere, on([four, six], 'fd00:122::9'))).toEqual([
    ['fd00:122::9'],
    [expect.stringMatching(/^its address is not known: .*no DHCP reservation/)],
    ['ip'],
  ]);
  expect(found({ ...anywhere, addresses: ['fd00:122::9'] }, on([four, six]))).toEqual([
    ['fd00:122::9'],
    [],
    ['ip'],
  ]);
});

test('one that the policy names an address of the host in is needed', () => {
  const missing = expect.stringMatching(
    /^its IPv6 address is not known: .*network "default" has no IPv6 \(give it/,
  );
  expect(found({ ...anywhere, publicAddresses: ['2001:db8::1'] }, on([four], '192.168.122.9'))).toEqual([
    ['192.168.122.9'],
    [missing],
    [],
  ]);
  expect(found(at('::'), on([four], '192.168.122.9'))).toEqual([
    [],
    [expect.stringContaining('has no IPv6')],
    [],
  ]);
  expect(found(at('2001:db8::1'), on([four, six], 'fd00:122::9'))).toEqual([['fd00:122::9'], [], []]);
});

test('none at all: one problem that names every place once', () => {
  const [, problems] = found(anywhere, on([four, six]));
  expect(problems).toEqual([expect.stringMatching(/^its address is not known: /)]);
  expect(String(problems).match(/no DHCP reservation/g)).toHaveLength(1);
});

test('an impossible address is reported, whatever else is found', () => {
  const [addresses, problems, unknown] = found(anywhere, on([four, six], '192.168.122.9', 'fd00:999::9'));
  expect([addresses, unknown]).toEqual([['192.168.122.9'], []]);
  expect(problems).toEqual([expect.stringContaining('fd00:999::9, which is outside fd00:122::/64')]);
});

describe('what DHCP gives', () => {
  const leased = (numbers: readonly number[], ...reserved: string[]): NicSurroundings[] =>
    on([four], ...reserved).map((around) => ({
      ...around,
      leases: {
        path: '/b.status',
        list: numbers.map((number) => ({ mac, address: `192.168.122.${number}`, expires: 9e12 + number })),
      },
    }));
  const running = { ...nextRun(), isEarlier: () => false };
  const located = (surroundings: readonly NicSurroundings[], policy = anywhere) => {
    const { problems, remarks, byLease } = locateGuest(guest, policy, surroundings, running);
    return { problems: problems.map(describeFault), remarks: remarks.map(describeFault), byLease };
  };

  test('is followed, also if it is reserved; what the policy gives is not', () => {
    expect(located(leased([], '192.168.122.9'))).toEqual({ problems: [], remarks: [], byLease: true });
    expect(located(leased([9], '192.168.122.9')).byLease).toBe(true);
    expect(located(leased([9]), { ...anywhere, addresses: ['192.168.122.9'] }).byLease).toBe(false);
  });

  test('a reservation that the guest does not use yet is a remark, not a fault', () => {
    expect(located(leased([200], '192.168.122.60'))).toEqual({
      problems: [],
      remarks: [
        expect.stringMatching(/^DHCP reserves 192\.168\.122\.60 for it, .* lease of 192\.168\.122\.200/),
      ],
      byLease: true,
    });
  });

  test('several leases of one interface are a fault that names them', () => {
    expect(located(leased([200, 201])).problems).toEqual([
      expect.stringMatching(/has several DHCP leases \(192\.168\.122\.200, 192\.168\.122\.201\)/),
    ]);
  });
});

const open = (address: string, port: number): Element => ({
  kind: 'open',
  guest: address,
  protocol: 'tcp',
  ports: { first: port, last: port },
});

test('while its address is unknown, a guest keeps what it has, unless the policy gave the address', () => {
  const desired = {
    guest,
    managed: true,
    deny: false,
    elements: [open('192.168.122.9', 81)],
    networks: {},
    problems: [],
    certain: true,
    unknown: ['ip6'] as const,
  };
  const record: GuestRecord = {
    guest,
    address: '192.168.122.9',
    addressSource: 'a DHCP reservation',
    otherAddress: { address: 'fd00:122::9', source: 'the lease in /b' },
    elements: [open('192.168.122.9', 80), open('fd00:122::9', 80)],
    generation: 1,
    problems: [],
    hairpinPorts: [],
    since: '',
  };
  expect(desiredElements(desired, record)).toEqual([open('192.168.122.9', 81), open('fd00:122::9', 80)]);
  const given = { ...record, givenAddresses: ['fd00:122::9'] };
  expect(desiredElements(desired, given)).toEqual(desired.elements);
  expect(desiredElements({ ...desired, certain: false }, record)).toEqual(record.elements);
  expect(desiredElements(desired, undefined)).toEqual(desired.elements);
});

test('in a line of the log', () => {
  const elements = [open('192.168.122.9', 80), open('fd00:122::9', 80)];
  expect(summarize(elements, '192.168.122.9')).toBe('2 open ports to 192.168.122.9 and fd00:122::9');
  expect(summarize(elements)).toBe('2 open ports');
  expect(summarize([])).toBe('no forwards');
});

describe('a guest with two interfaces', () => {
  const second = { mac: '52:54:00:aa:bb:02', network: 'dmz', bridge: 'virbr1', addresses: [] };
  const gateways = [{ address: '192.168.150.1', network: '192.168.150.0/24' }];
  const two = (...reserved: string[]): NicSurroundings[] => {
    const reservations = reserved.map((address) => ({ mac: second.mac, address }));
    return [
      ...on([four], '192.168.122.9'),
      { nic: second, network: { name: 'dmz', gateways, reservations }, networkFiles: ['/d.xml'] },
    ];
  };
  const on2 = { network: 'dmz' };
  const forward = (choice?: InterfaceChoice): Forward => ({
    ...(anywhere.forwards?.[0] as Forward),
    ...(choice !== undefined && { interfaceChoice: choice }),
  });
  const located = (policy: GuestPolicy, surroundings: readonly NicSurroundings[]) => {
    const { interfaces, found: addresses, problems } = locateGuest(guest, policy, surroundings, nextRun());
    const onInterfaces = interfaces.map((one) => one.found.map(({ address }) => address));
    return [addresses.map(({ address }) => address), onInterfaces, problems.map(describeFault)];
  };

  test('the one that is chosen, for the guest or for a forward', () => {
    const reserved = two('192.168.150.9');
    expect(located({ ...anywhere, interfaceChoice: on2 }, reserved)).toEqual([['192.168.150.9'], [], []]);
    const forwards = [forward(), forward(on2), forward({ nic: 1 }), forward(on2)];
    expect(located({ forwards }, reserved)).toEqual([
      ['192.168.122.9'],
      [['192.168.150.9'], ['192.168.122.9']],
      [],
    ]);
    expect(located({ forwards: [forward(on2)] }, reserved)).toEqual([[], [['192.168.150.9']], []]);
  });

  test('an address that the policy gives counts for its interface alone', () => {
    const given = { addresses: ['192.168.150.77'], forwards: [forward(on2), forward({ nic: 1 })] };
    expect(located(given, two())).toEqual([[], [['192.168.150.77'], ['192.168.122.9']], []]);
    expect(located({ ...anywhere, addresses: ['192.168.122.77'], interfaceChoice: on2 }, two())).toEqual([
      [],
      [],
      [expect.stringContaining('192.168.122.77, which is outside 192.168.150.0/24 (network "dmz")')],
    ]);
  });

  test('a problem names the interface', () => {
    expect(located({ forwards: [forward(), forward(on2)] }, two())).toEqual([
      ['192.168.122.9'],
      [[]],
      [expect.stringMatching(/^the address of its interface on network "dmz" is not known/)],
    ]);
    expect(located({ forwards: [forward({ nic: 3 })] }, two())[2]).toEqual([
      expect.stringMatching(/^the guest has no interface number 3 \(its interfaces: 1: /),
    ]);
  });

  test('while the address of an interface is unknown, only what leads there stays', () => {
    const element = (address: string, port: number, to = port): Element => ({
      kind: 'forward',
      host: 'any',
      protocol: 'tcp',
      ports: { first: port, last: port },
      guest: address,
      to,
    });
    const sourceFilter = (port: number): Element => ({
      kind: 'source-filter',
      claim: { host: 'any', protocol: 'tcp', ports: { first: port, last: port } },
      from: ['198.51.100.0/24'],
    });
    const source = 'a DHCP reservation';
    const before: GuestRecord = {
      guest,
      address: '192.168.122.9',
      addressSource: source,
      interfaceAddresses: [
        { choice: on2, addresses: [{ address: '192.168.150.9', source, mac: second.mac }] },
      ],
      elements: [
        element('192.168.122.9', 80),
        sourceFilter(81),
        element('192.168.150.9', 81),
        element('192.168.150.9', 82),
        sourceFilter(83),
        element('192.168.122.9', 83),
      ],
      generation: 1,
      problems: [],
      hairpinPorts: [],
      since: '',
    };
    const desired = {
      guest,
      managed: true,
      deny: false,
      elements: [element('192.168.122.9', 82)],
      networks: {},
      problems: [],
      certain: true,
      unknown: [],
      unknownOn: [{ choice: on2, families: ['ip'] as const }],
    };
    expect(desiredElements(desired, before)).toEqual([
      ...desired.elements,
      sourceFilter(81),
      element('192.168.150.9', 81),
    ]);
    const usual = { ...desired, elements: [], unknown: ['ip'] as const, unknownOn: [] };
    expect(desiredElements(usual, before)).toEqual([
      element('192.168.122.9', 80),
      sourceFilter(83),
      element('192.168.122.9', 83),
    ]);
  });
});
