import { expect, test } from 'vitest';
import { renderRebuild } from '../../../../src/backends/iptables/edits.ts';
import { inspection } from '../../../../src/backends/iptables/inspection.ts';
import { tablesOf } from '../../../../src/backends/iptables/transaction.ts';
import { forwardOf } from '../../records.ts';

const whole = {
  guests: [{ id: 'qemu-web', label: 'web', elements: [forwardOf(8080), forwardOf(8081)] }],
  networks: [],
  mark: 0x10000000,
};
const legacy = inspection('legacy');
const expected = renderRebuild(tablesOf(whole, 'ip'), { filter: [], mangle: [], nat: [] }, false);
const problems = (listing: string) =>
  legacy.differences(whole, 'ip', listing, expected).map(({ problem }) => problem);

test('the programs of the variant and family are asked, with counters', () => {
  expect(legacy.list('ip6')).toMatchObject({ program: 'ip6tables-legacy-save', args: ['-c'] });
  expect(inspection('nft').list('ip')).toMatchObject({ program: 'iptables-nft-save' });
  expect(legacy.title('ip6')).toBe('chains of guestgate in ip6tables (legacy)');
});

test('a listing holds what is ours if it has a chain of ours, in whichever table', () => {
  expect(legacy.holds('', 'ip')).toBe(false);
  expect(legacy.holds('*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n', 'ip')).toBe(false);
  expect(legacy.holds('*filter\n:GUESTGATE-USER - [0:0]\nCOMMIT\n', 'ip'), 'the administrator’s').toBe(false);
  expect(legacy.holds('*nat\n:GUESTGATE-ANY - [0:0]\nCOMMIT\n', 'ip')).toBe(true);
});

test('the kernel that holds just this has no difference', () => {
  expect(problems(expected)).toEqual([]);
});

test('a rule that is missing, and one too many, are named with their chain and table', () => {
  const rule =
    expected.split('\n').find((line) => line.includes('--dport 8081') && line.includes('DNAT')) ?? '';
  expect(problems(expected.replace(`${rule}\n`, ''))).toEqual([`nat: ${rule} is missing`]);
  expect(problems(expected.replace(rule, `${rule}\n${rule.replace('8081', '9999')}`))).toEqual([
    `nat: unexpected rule ${rule.replace('8081', '9999')}`,
  ]);
});

test('a chain that is missing or unexpected', () => {
  const found = problems(expected.replace(':GUESTGATE-OPEN - [0:0]\n', ':GUESTGATE-old - [0:0]\n'));
  expect(found).toContain('mangle: unexpected chain GUESTGATE-old');
  expect(found).toContain('mangle: chain GUESTGATE-OPEN is missing');
});

test('the same rules in another order are a difference where their order matters', () => {
  const [one = '', two = ''] = expected.split('\n').filter((line) => line.startsWith('-A GUESTGATE-ADMIT '));
  expect(problems(expected.replace(`${one}\n${two}`, `${two}\n${one}`))).toEqual([
    'mangle: the rules of GUESTGATE-ADMIT are in another order, or repeated',
  ]);
});

test('a rule that is there twice is a difference', () => {
  const [one = ''] = expected.split('\n').filter((line) => line.startsWith('-A GUESTGATE-ADMIT '));
  expect(problems(expected.replace(one, `${one}\n${one}`))).toEqual([
    'mangle: the rules of GUESTGATE-ADMIT are in another order, or repeated',
  ]);
});

test('the reference is made by the programs of the variant, and the administrator’s chain with it', () => {
  const { script, input } = legacy.reference(whole, 'ip');
  expect(script).toContain('iptables-legacy-restore');
  expect(input).toContain('-N GUESTGATE-USER\n');
});
