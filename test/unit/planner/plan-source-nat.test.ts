import { expect, test } from 'vitest';
import { claimOf } from '../../../src/model/element-claims.ts';
import type { Fault } from '../../../src/model/finding.ts';
import type { GuestPolicy } from '../../../src/model/policy.ts';
import { claimingSources, planSourceNat } from '../../../src/planner/plan-source-nat.ts';

const [guest, guest6] = ['192.168.122.41', 'fd00:122::41'];
const [first, second, six] = ['203.0.113.10', '203.0.113.11', '2001:db8::10'];

function planned(policy: GuestPolicy, own: string, interfaces: readonly string[]) {
  const problems: Fault[] = [];
  const elements = planSourceNat(policy, own, { interfacesOf: () => interfaces }, problems);
  return {
    leaves: elements.map((e) => e.kind === 'source-nat' && `${e.interface} as ${e.address}`),
    problems: problems.map(({ problem }) => problem),
  };
}

test.each<[string, GuestPolicy, string, readonly string[], readonly string[], RegExp | undefined]>([
  ['with nothing of its own', {}, guest, ['eth0'], [], undefined],
  ['with snat', { snat: [first] }, guest, ['eth0'], [`eth0 as ${first}`], undefined],
  ['with its public address', { publicAddresses: [first] }, guest, ['eth0'], [`eth0 as ${first}`], undefined],
  [
    'with snat rather than its public address',
    { snat: [second], publicAddresses: [first] },
    guest,
    ['eth0'],
    [`eth0 as ${second}`],
    undefined,
  ],
  ['with the address of its family', { snat: [first, six] }, guest6, ['eth0'], [`eth0 as ${six}`], undefined],
  ['with the host’s, if none is of its family', { snat: [first] }, guest6, ['eth0'], [], undefined],
  [
    'by each interface of the public side',
    { snat: [first] },
    guest,
    ['eth0', 'eth1'],
    [`eth0 as ${first}`, `eth1 as ${first}`],
    undefined,
  ],
  ['not at all, where no interface is known', { snat: [first] }, guest, [], [], /203\.0\.113\.10/],
  [
    'not by an interface that no rule can hold',
    { snat: [first] },
    guest,
    ['eth"0', 'eth1'],
    [`eth1 as ${first}`],
    /invalid interface name/,
  ],
])('a guest leaves %s', (_, policy, own, interfaces, leaves, problem) => {
  const found = planned(policy, own, interfaces);
  expect(found.leaves).toEqual(leaves);
  expect(found.problems).toEqual(problem === undefined ? [] : [expect.stringMatching(problem)]);
});

test('a source address that metadata asks for is a claim to it, one in a file is none', () => {
  const inFile = planSourceNat({ snat: [first] }, guest, { interfacesOf: () => ['eth0'] }, []);
  expect(inFile.flatMap((element) => claimOf(element) ?? [])).toEqual([]);
  expect(claimingSources(inFile).flatMap((element) => claimOf(element) ?? [])).toEqual([{ host: first }]);
});
