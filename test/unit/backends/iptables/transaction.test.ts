import { expect, test } from 'vitest';
import { parseListing } from '../../../../src/backends/iptables/listing.ts';
import { iptables, tablesOf } from '../../../../src/backends/iptables/transaction.ts';
import { families } from '../../../../src/model/address.ts';
import type { FamilyElement, ForwardElement } from '../../../../src/model/element.ts';
import type { NetworkElement } from '../../../../src/model/network-element.ts';
import { plan } from '../../../../src/planner/plan.ts';
import { Random } from '../../planner/random.ts';

const mark = 0x10000000;
const guest = '192.168.122.41';
const nft = iptables('nft');
const forward = (port: number, more: Partial<ForwardElement> = {}): ForwardElement => ({
  kind: 'forward',
  host: 'any',
  protocol: 'tcp',
  ports: { first: port, last: port },
  guest,
  to: 80,
  ...more,
});

/** The input for one guest of which this was there before, and that is to be there after. */
function change(
  before: readonly FamilyElement[],
  after: readonly FamilyElement[],
  label = 'web',
  id = 'qemu-web',
) {
  return nft.change([{ id, label, before, after }], { before: [], after: [] }, mark);
}
const inputOf = (...args: Parameters<typeof change>) => change(...args).at(-1)?.input ?? '';
/** Without what is only asked for. */
const edits = (...args: Parameters<typeof change>) =>
  inputOf(...args)
    .split('\n')
    .filter((line) => !line.startsWith('-C ') && line !== '');

test('what changes anything is tested first, with the same input; what only asks is not', () => {
  const [tested, real, ...more] = change([], [forward(8080)]);
  expect(more).toEqual([]);
  expect(tested).toEqual({ ...real, args: ['--noflush', '-w', '3', '--test'] });
  expect(real).toMatchObject({
    program: 'iptables-nft-restore',
    alternatives: ['iptables-restore'],
    args: ['--noflush', '-w', '3'],
  });
  const again = change([forward(8080)], [forward(8080)]);
  expect(again.map(({ args }) => args)).toEqual([['--noflush', '-w', '3']]);
  expect(again[0]?.input).not.toMatch(/^-[^C]|^:/m);
  expect(change([], [])).toEqual([]);
});

test('opening: filter, then nat; closing: nat, then filter; both: what is new first, what is old last', () => {
  const tables = (...args: Parameters<typeof change>) =>
    edits(...args)
      .join('\n')
      .split('COMMIT')
      .flatMap((section) => (/^[-:]/m.test(section) ? [/\*(\w+)/.exec(section)?.[1]] : []));
  expect(tables([], [forward(8080)])).toEqual(['filter', 'mangle', 'nat']);
  expect(tables([forward(8080)], [])).toEqual(['mangle', 'nat', 'filter']);
  expect(tables([forward(8080)], [forward(8081)])).toEqual(['filter', 'nat', 'filter']);
});

test('what stays is not touched: one rule goes, one comes, at its place', () => {
  const [a, b, c] = [forward(8080), forward(8081), forward(8082)];
  const nat = edits([a, b], [a, c, b]).filter((line) => line.includes('-ANY '));
  expect(nat).toEqual([
    // The jump is as wide as the guest's ports.
    expect.stringMatching(/^-D GUESTGATE-ANY -p tcp -m tcp --dport 8080:8081 /),
    expect.stringMatching(/^-A GUESTGATE-ANY -p tcp -m tcp --dport 8080:8082 /),
    expect.stringMatching(/^-I GUESTGATE-se5rrhvfxj-ANY 2 -p tcp -m tcp --dport 8082 .*:80$/),
  ]);
  expect(inputOf([a, b], [a, c, b])).toContain('-C GUESTGATE-se5rrhvfxj-ANY -p tcp -m tcp --dport 8081 ');
});

test('of many rules that stay, some are asked for: iptables compares each with all of its chain', () => {
  const many = Array.from({ length: 3000 }, (_, at) => forward(1000 + 2 * at));
  const asked = (elements: readonly FamilyElement[]) =>
    inputOf(elements, elements).match(/^-C .*:80$/gm) ?? [];
  expect(asked(many.slice(0, 64))).toHaveLength(64);
  const some = asked(many);
  expect(some).toHaveLength(16);
  expect(some[0]).toContain('--dport 1000 ');
  expect(some[15]).toContain('--dport 6998 ');
  expect(inputOf(many, many)).not.toMatch(/^-[^C]|^:/m);
});

test('many rules that change are written as a whole', () => {
  const many = Array.from({ length: 300 }, (_, at) => forward(1000 + at));
  const nat = (...args: Parameters<typeof change>) =>
    edits(...args).filter((line) => /^-[A-Z] GUESTGATE-se5rrhvfxj-ANY( |$)/.test(line));
  const opened = nat([], many);
  expect(opened).toHaveLength(300);
  for (const line of opened) expect(line).toMatch(/^-A /);
  const moved = nat(many, many.toReversed());
  expect(moved[0]).toBe('-F GUESTGATE-se5rrhvfxj-ANY');
  expect(moved.slice(1)).toEqual(nat([], many.toReversed()));
  // What few rules change leaves the others as they are, with their counters.
  expect(nat(many, [...many, forward(80)])).toHaveLength(1);
});

test('a chain whose rules change places is rewritten', () => {
  const [a, b] = [forward(8080), forward(8081)];
  const nat = edits([a, b], [b, a]).filter(
    (line) => line.includes('se5rrhvfxj-ANY') && !line.includes('GATE-ANY'),
  );
  expect(nat.map((line) => line.slice(0, 30))).toEqual([
    '-D GUESTGATE-se5rrhvfxj-ANY -p',
    '-D GUESTGATE-se5rrhvfxj-ANY -p',
    '-I GUESTGATE-se5rrhvfxj-ANY 1 ',
    '-I GUESTGATE-se5rrhvfxj-ANY 2 ',
  ]);
});

test('the last element of a guest takes its chains with it', () => {
  expect(edits([forward(8080)], [])).toEqual(
    expect.arrayContaining([
      '-F GUESTGATE-se5rrhvfxj-ANY',
      '-X GUESTGATE-se5rrhvfxj-ANY',
      '-F GUESTGATE-se5rrhvfxj',
      '-X GUESTGATE-se5rrhvfxj',
    ]),
  );
});

test('of the same ports: who may, how many, how often, and then where to', () => {
  const claim = { host: '203.0.113.1', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
  const elements: FamilyElement[] = [
    forward(80, { host: '203.0.113.1' }),
    { kind: 'rate-limit', at: claim, rate: { connections: 10, per: 'second' } },
    { kind: 'connection-limit', at: claim, connections: 20 },
    { kind: 'source-filter', claim, from: ['10.0.0.0/8', '192.0.2.1/32'] },
  ];
  const lines = inputOf([], elements).split('\n');
  const own = (suffix: string) =>
    lines
      .filter((line) => line.startsWith(`-I GUESTGATE-se5rrhvfxj-${suffix} `))
      .map((line) => line.replace(/^.*?(--connlimit-above|--hashlimit-above|-s |-j )/, '$1'));
  expect(own('EXACT')).toEqual([
    '-j GUESTGATE-se5rrhvfxj-FROM0',
    '--connlimit-above 20 --connlimit-mask 32 --connlimit-saddr -m comment --comment web -j GUESTGATE-REFUSE',
    expect.stringMatching(
      /^--hashlimit-above 10\/second --hashlimit-burst 10 --hashlimit-name gg[a-z2-7]{13} .* -j GUESTGATE-REFUSE$/,
    ),
    '-j DNAT --to-destination 192.168.122.41:80',
  ]);
  expect(own('FROM0')).toEqual([
    '-j RETURN',
    '-s 10.0.0.0/8 -j RETURN',
    '-s 192.0.2.1/32 -j RETURN',
    '-j GUESTGATE-REFUSE',
  ]);
});

test('names: 28 characters at most, comments encoded, none taken for an option, none too long', () => {
  const many = Array.from({ length: 100 }, (_, index) => forward(10_000 + index));
  const label = `-t${'x'.repeat(98)}`;
  const input = inputOf([], many, label, `qemu-${'ü'.repeat(200)}`);
  for (const [, chain = ''] of input.matchAll(/^:(\S+)/gm)) expect(chain.length).toBeLessThanOrEqual(28);
  for (const [, comment = ''] of input.matchAll(/--comment "?([^"\n]*?)"? -j/g)) {
    expect(comment.length).toBeLessThan(256);
    expect(comment).toMatch(/^%2Dtx/);
  }
  expect(input).toMatch(/"%2Dtx+: 10000\/tcp, .* \.\.\." -j GUESTGATE-/);
});

test('IPv6 has a process of its own, and none where nothing of it is', () => {
  const six: FamilyElement = { kind: 'one-to-one', host: '2001:db8::1', guest: 'fd00::41' };
  expect(change([], [six]).map(({ program }) => program)).toEqual(Array(2).fill('ip6tables-nft-restore'));
  expect(inputOf([], [six])).toContain(
    '-d 2001:db8::1 -m comment --comment web -j DNAT --to-destination fd00::41',
  );
  expect(inputOf([], [forward(80, { host: 'any6', guest: 'fd00::41' })])).toContain('[fd00::41]:80');
  const networks: NetworkElement[] = [{ kind: 'hairpin', bridge: 'virbr0', family: 'ip6' }];
  const programs = nft.change([], { before: [], after: networks }, mark).map(({ program }) => program);
  expect(new Set(programs)).toEqual(new Set(['ip6tables-nft-restore']));
});

test('a rebuild names every chain of ours, and removes those that no element needs', async () => {
  const listing = `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:GUESTGATE-ANY - [0:0]
:GUESTGATE-aaaaaaaaaa-ANY - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A GUESTGATE-ANY -j GUESTGATE-aaaaaaaaaa-ANY
COMMIT
`;
  const whole = { guests: [{ id: 'qemu-web', label: 'web', elements: [forward(80)] }], networks: [], mark };
  const [, command] = await nft.rebuild(whole, ['ip'], families, new Map([['ip', listing]]));
  const input = command?.input ?? '';
  expect(input).toContain('-F GUESTGATE-aaaaaaaaaa-ANY\n-X GUESTGATE-aaaaaaaaaa-ANY\n');
  expect(input).not.toMatch(/KUBE|PREROUTING ACCEPT/);
  for (const [name] of tablesOf(whole, 'ip').nat) expect(input).toContain(`:${name} - [0:0]`);
});

test('a removal takes the jumps to our chains, our chains, and nothing else; head rules may stay', () => {
  const listing = `*filter
:FORWARD DROP [0:0]
:GUESTGATE-FORWARD - [0:0]
:GUESTGATE-aaaaaaaaaa - [0:0]
[3:180] -A FORWARD -j GUESTGATE-FORWARD
-A FORWARD -j DOCKER
-A GUESTGATE-FORWARD -d 10.0.0.1/32 -j GUESTGATE-aaaaaaaaaa
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:GUESTGATE-PREROUTING - [0:0]
-A PREROUTING -j GUESTGATE-PREROUTING
COMMIT
`;
  expect(nft.remove('ip', listing, [])[0]?.input).toBe(`*nat
-D PREROUTING -j GUESTGATE-PREROUTING
-F GUESTGATE-PREROUTING
-X GUESTGATE-PREROUTING
COMMIT
*filter
-D FORWARD -j GUESTGATE-FORWARD
-F GUESTGATE-FORWARD
-F GUESTGATE-aaaaaaaaaa
-X GUESTGATE-FORWARD
-X GUESTGATE-aaaaaaaaaa
COMMIT
`);
  expect(nft.remove('ip', listing, ['filter'])[0]?.input).not.toContain('GUESTGATE-FORWARD');
  expect(nft.remove('ip', '', [])).toEqual([]);
  // In the older tables an anchor needs somebody else's rules.
  const alone = listing.replace('-A FORWARD -j DOCKER\n', '').replace('DROP', 'ACCEPT');
  expect(iptables('legacy').remove('ip', alone, ['filter'])[0]?.input).toContain('-X GUESTGATE-FORWARD');
  expect(iptables('legacy').remove('ip', listing, ['filter'])[0]?.input).not.toContain(
    '-X GUESTGATE-FORWARD',
  );
});

test('listings: our chains and rules, with counters, and the jumps of others to us', () => {
  const { filter, nat } = parseListing(`# Generated
*filter
:FORWARD DROP [1:2]
:GUESTGATE-FORWARD - [0:0]
[5:300] -A FORWARD -j GUESTGATE-FORWARD
[7:420] -A GUESTGATE-FORWARD -j ACCEPT
-A FORWARD -j ACCEPT
COMMIT
`);
  expect(filter).toEqual({
    chains: ['GUESTGATE-FORWARD'],
    rules: [{ chain: 'GUESTGATE-FORWARD', rule: '-j ACCEPT', packets: 7, bytes: 420 }],
    jumps: [{ chain: 'FORWARD', rule: '-j GUESTGATE-FORWARD', packets: 5, bytes: 300 }],
  });
  expect(nat.chains).toEqual([]);
});

test('whatever is planned, nothing but addresses, numbers, checked names and the encoded name is written', () => {
  const random = new Random(7);
  const known =
    /^(?:\*(?:filter|mangle|nat)|COMMIT|:GUESTGATE-[A-Za-z0-9-]+ - \[0:0\]|-[CDIAFX] GUESTGATE-[A-Za-z0-9-]+(?: [A-Za-z0-9 .:/,!_[\]"*-]+)?)?$/;
  const strange: string[] = [];
  for (let round = 0; round < 100; round++) {
    const { elements } = plan(random.policy(), random.guest(), random.host());
    for (const { input = '' } of change([], elements, 'x').slice(1))
      strange.push(...input.split('\n').filter((line) => !known.test(line)));
  }
  expect(strange).toEqual([]);
});
