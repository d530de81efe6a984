import { describe, expect, test } from 'vitest';
import { judgeChain, type RuleKind, standingOf } from '../../../src/netfilter/bans.ts';
import { parseSavedTables } from '../../../src/netfilter/iptables-save.ts';
import { savedChains } from '../../../src/netfilter/saved-bans.ts';

const guests = { gateways: ['192.168.122.1'], bridges: ['virbr0'] };

/** FORWARD of iptables-save; lines without `-A` are rules of FORWARD. */
function judge(...lines: readonly string[]) {
  const rules = lines.map((line) => (line.startsWith('-A') ? line : `-A FORWARD ${line}`));
  const chains = new Set(rules.map((rule) => rule.split(' ')[1] ?? ''));
  const declared = [...chains, 'EMPTY', 'DOCKER-USER', 'DOCKER-FORWARD', 'LIBVIRT_FWX'].map(
    (name) => `:${name} -`,
  );
  const text = ['*filter', ...new Set([':FORWARD ACCEPT', ...declared]), ...rules, 'COMMIT'].join('\n');
  const [table] = parseSavedTables(text);
  return judgeChain(
    'FORWARD',
    savedChains(table, (target) => target === 'GUESTGATE-FORWARD', guests),
  );
}
const kinds = (...lines: readonly string[]) => judge(...lines).map(({ kind }) => kind);

describe('rules of iptables', () => {
  test.each<[RuleKind, string]>([
    ['ban', '-s 198.51.100.2/32 -j DROP'],
    ['ban', '-s 198.51.100.0/24 -i eth0 -p tcp -m tcp --dport 80 -j REJECT --reject-with tcp-reset'],
    ['ban', '-m set --match-set blacklist src -j DROP'],
    ['ban', '-m set --match-set pairs src,dst -j DROP'],
    ['ban', '-m iprange --src-range 198.51.100.2-198.51.100.9 -j DROP'],
    ['ban', '-m recent --rcheck --seconds 60 --name bad --mask 255.255.255.255 --rsource -j DROP'],
    ['ban', '-s 192.168.122.0/24 -i eth0 -j DROP'],
    ['obstacle', '-j DROP'],
    ['obstacle', '! -s 203.0.113.0/24 -i eth0 -j DROP'],
    ['obstacle', '-m set ! --match-set friends src -j DROP'],
    ['obstacle', '-m set --match-set servers dst -j DROP'],
    ['obstacle', '-d 192.168.122.41/32 -j REJECT'],
    ['obstacle', '-m comment --comment "-s 198.51.100.2/32" -j DROP'],
    ['obstacle', '-j NFQUEUE --queue-num 0'],
    ['obstacle', '-j RETURN'],
    ['obstacle', '-g EMPTY'],
    // It refuses the answers of all guests.
    ['obstacle', '-s 192.168.122.0/24 -o eth0 -j REJECT'],
    ['obstacle', '-j LIBVIRT_FWX'],
    ['harmless', '-m conntrack --ctstate INVALID -j DROP'],
    ['harmless', '-m rt --rt-type 0 -j DROP'],
    ['harmless', '-s 224.0.0.0/4 -j DROP'],
    ['harmless', '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
    ['harmless', '-j LOG --log-prefix "[UFW BLOCK] "'],
    ['harmless', '-j DOCKER-FORWARD'],
    ['place', '-j EMPTY'],
    ['place', '-j DOCKER-USER'],
  ])('%s: %s', (kind, rule) => {
    expect(kinds(rule)).toEqual([kind]);
  });

  test('a chain is what its worst rule is, however deep', () => {
    const deep = ['-A A -j B', '-A A -j RETURN', '-A B -s 198.51.100.2/32 -j DROP'];
    expect(kinds('-p tcp -j A', ...deep)).toEqual(['ban']);
    expect(kinds('-j A', ...deep, '-A B -i eth0 -j DROP')).toEqual(['obstacle']);
    // A list of whom to let in refuses everything else.
    expect(kinds('-j A', '-A A -s 203.0.113.0/24 -j RETURN', '-A A -j DROP')).toEqual(['obstacle']);
    expect(kinds('-s 198.51.100.0/24 -j A', '-A A -j DROP')).toEqual(['ban']);
    expect(kinds('-j MISSING')).toEqual(['obstacle']);
  });
});

describe('where the accept belongs', () => {
  const ours = '-j GUESTGATE-FORWARD';
  const ban = '-s 198.51.100.2/32 -j DROP';
  const standing = (...lines: readonly string[]) => standingOf(judge(...lines));

  test('below the bans ahead of the first obstacle, and above what is harmless', () => {
    expect(standing(ban, '-j ACCEPT', '-j EMPTY', '-j LOG', '-j REJECT', ban)).toMatchObject({
      inPlace: false,
      above: 3,
    });
    expect(standing(ours, '-j LOG', '-j REJECT')).toMatchObject({ inPlace: true, above: 0, position: 0 });
    expect(standing(ban, '-j LOG', ours, '-j REJECT')).toMatchObject({
      inPlace: true,
      above: 1,
      position: 2,
    });
  });

  test('not below an obstacle, nor twice', () => {
    expect(standing(ban, '-j REJECT', ours)).toMatchObject({
      inPlace: false,
      obstacles: ['-A FORWARD -j REJECT'],
      above: 1,
    });
    expect(standing(ours, ours)).toMatchObject({ inPlace: false });
  });

  test('bans below it are named, those in chains of obstacles too, and empty places are not', () => {
    const chain = [
      '-A net_frwd -m conntrack --ctstate NEW -j dynamic',
      '-A net_frwd -j REJECT',
      `-A dynamic ${ban}`,
    ];
    expect(
      standing(ours, '-j EMPTY', '-i eth0 -j net_frwd', '-i eth1 -j net_frwd', ...chain).without,
    ).toEqual(['-A net_frwd -m conntrack --ctstate NEW -j dynamic']);
    expect(standing('-j REJECT', ban).without).toEqual([]);
  });
});
