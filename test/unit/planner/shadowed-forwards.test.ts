import { expect, test } from 'vitest';
import { plan } from '../../../src/planner/plan.ts';
import { findShadowedForwards } from '../../../src/planner/shadowed-forwards.ts';
import { parseGuestTable } from '../../../src/policy/guest-table.ts';

const host = { addresses: 'any', interfacesOf: () => ['eth0'], addressesOn: () => [] } as const;

function guest(name: string, written: Record<string, unknown>) {
  const { policy } = parseGuestTable(written, { file: '/g.toml', path: ['guest', name] });
  return { name, elements: plan(policy, ['192.0.2.1', '2001:db8::1'], host).elements };
}
const leaving = guest('mail', { snat: '203.0.113.9' });
const network = { network: 'default', address: '203.0.113.9' };
const found = (...given: Parameters<typeof findShadowedForwards>) =>
  findShadowedForwards(...given).map(({ guest: name, claim, by }) => [
    name,
    claim.host,
    claim.ports.first,
    'guest' in by ? by.guest : by.network,
  ]);

test('a forward within the ports that guests leave by is named, with who shares its address', () => {
  const web = guest('web', {
    forward: [
      '203.0.113.9:40000:80',
      '203.0.113.8:40001:80',
      '203.0.113.9:30000-33000:30000-33000',
      '8080:80',
    ],
  });
  expect(found([web, leaving], [])).toEqual([
    ['web', '203.0.113.9', 40_000, 'mail'],
    ['web', '203.0.113.9', 30_000, 'mail'],
  ]);
  expect(found([web], [network]).map(([, , , by]) => by)).toEqual(['default', 'default']);
  expect(found([web], [])).toEqual([]);
});

test('a forward at all addresses is at the shared one, in its family', () => {
  const web = guest('web', { forward: ['60999:80', '61000:80'] });
  expect(found([web, leaving], [])).toEqual([['web', 'any', 60_999, 'mail']]);
});

test('its own guest, and one with an address of its own, take nothing of it', () => {
  const both = guest('both', { snat: '203.0.113.9', forward: ['203.0.113.9:40000:80'] });
  const own = guest('own', { public_address: '203.0.113.9' });
  expect(found([both, own], [])).toEqual([]);
});
