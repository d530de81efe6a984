import { expect, test } from 'vitest';
import { judgeForwardPolicy } from '../../../src/doctor/forward-policy.ts';

const judge = (listing: string, meets = true, bridges = ['virbr0']) =>
  judgeForwardPolicy([{ family: 'ip', program: 'iptables-nft', listing }], bridges, () => meets);

test("a policy of DROP cuts off guests whose bridge no rule admits; libvirt's own chains admit it", () => {
  expect(judge('-P FORWARD ACCEPT\n')).toEqual([]);
  expect(judge('-P FORWARD DROP\n-A FORWARD -j LIBVIRT_FWO\n')).toEqual([]);
  expect(judge('-P FORWARD DROP\n-A FORWARD -i virbr0 -j ACCEPT\n')).toEqual([]);
  expect(judge('-P FORWARD DROP\n-A FORWARD -i virbr01 -j ACCEPT\n')).toHaveLength(1);
  expect(judge('-P FORWARD DROP\n-A FORWARD -i virbr0 -j DROP\n')).toHaveLength(1);
  // Shorewall's own chains admit them.
  expect(judge('-P FORWARD DROP\n-A FORWARD -i virbr0 -j loc_frwd\n', false)).toEqual([]);
});

test('one finding names all bridges that are cut off, and its fix admits each with its answers', () => {
  const [finding, ...others] = judge('-P FORWARD DROP\n-A FORWARD -i virbr1 -j ACCEPT\n', true, [
    'virbr0',
    'virbr1',
    'br-lan',
  ]);
  expect(others).toEqual([]);
  expect(finding?.problem).toContain('guests on virbr0, br-lan cannot open connections');
  expect(finding?.fix.split('; ')).toEqual([
    'iptables-nft -A FORWARD -i virbr0 -j ACCEPT',
    'iptables-nft -A FORWARD -o virbr0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    'iptables-nft -A FORWARD -i br-lan -j ACCEPT',
    'iptables-nft -A FORWARD -o br-lan -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ]);
});

test('each kind of iptables has a policy of its own', () => {
  const listings = [
    { family: 'ip', program: 'iptables-nft', listing: '-P FORWARD ACCEPT\n' },
    { family: 'ip6', program: 'ip6tables-legacy', listing: '-P FORWARD DROP\n' },
  ] as const;
  expect(judgeForwardPolicy(listings, ['virbr0'], () => true).map(({ subject }) => subject)).toEqual([
    'ip6tables-legacy FORWARD',
  ]);
});

test('without bridges there is no guest to cut off', () => {
  expect(judge('-P FORWARD DROP\n', true, [])).toEqual([]);
});
