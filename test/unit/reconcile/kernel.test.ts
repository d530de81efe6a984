import { expect, test } from 'vitest';
import { nftables } from '../../../src/backends/nftables/transaction.ts';
import type { AntispoofElement } from '../../../src/model/antispoof.ts';
import type { Element } from '../../../src/model/element.ts';
import { stepsOf } from '../../../src/reconcile/kernel.ts';

const port: AntispoofElement = { kind: 'vif', port: 'vif1.0', way: 'bridged' };
const forward: Element = {
  kind: 'forward',
  host: 'any',
  protocol: 'tcp',
  ports: { first: 8080, last: 8080 },
  guest: '192.168.122.41',
  to: 80,
};
const networks = { default: [{ kind: 'hairpin', bridge: 'virbr0' } as const] };

function inputOf(elements: readonly Element[], before: readonly Element[] = []): string[] {
  const after = { guest: { driver: 'libxl' as const, name: 'web', nics: [] }, elements };
  const change = { before: { elements: before }, after };
  return stepsOf(nftables, [change], networks, {}, 0x10000000).map(({ input = '' }) => input);
}

test("a guest's ports and forwards change in one transaction of nft", () => {
  const [input, ...others] = inputOf([port, forward]);
  expect(others).toEqual([]);
  expect(input).toContain('add element bridge guestgate vifs { "vif1.0" comment "web" }');
  expect(input).toContain('add element ip guestgate forward_any { tcp . 8080 comment "web"');
});

test('the networks of a guest that has only ports are added; those of one that gets nothing wait', () => {
  const [input = ''] = inputOf([port]);
  expect(input).toContain('add element bridge guestgate vifs');
  expect(input).toContain('add element ip guestgate hairpin');
  expect(inputOf([])).toEqual([]);
});

test('ports that are removed are removed alone', () => {
  const [input = '', ...others] = inputOf([forward], [port, forward]);
  expect(others).toEqual([]);
  expect(input).toContain('delete element bridge guestgate vifs { "vif1.0" }');
  expect(input).not.toContain('delete element ip ');
});
