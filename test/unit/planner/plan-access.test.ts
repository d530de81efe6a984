import { expect, test } from 'vitest';
import type { Egress } from '../../../src/model/access.ts';
import { checksSources, closedBy, planAccess } from '../../../src/planner/plan-access.ts';
import { parseEgress } from '../../../src/policy/egress-list.ts';

const nics = [{ mac: '52:54:00:aa:bb:01', addresses: [] }];
const linkLocal = 'fe80::5054:ff:feaa:bb01';
const egress = ['25', '192.0.2.0/24:443', '[2001:db8::/32]:53/udp'].flatMap(
  (text) => parseEgress(text) as Egress[],
);
const ports = (first: number, protocol = 'tcp') => ({ protocol, ports: { first, last: first } });

test.each([
  ['open', false, undefined],
  ['inbound', true, 'bridge'],
  ['host', true, 'bridge'],
  ['none', false, 'all'],
] as const)('%s', (access, checks, closed) => {
  expect(checksSources({ access })).toBe(checks);
  expect(closedBy({ access })).toBe(closed);
});

test('each address of the guest is confined, the link-local ones too', () => {
  const of = (guest: string) => ({ kind: 'confined', guest, access: 'host' });
  expect(planAccess({ nics }, { access: 'host' }, ['192.0.2.9'])).toEqual([of('192.0.2.9'), of(linkLocal)]);
  expect(planAccess({ nics }, { access: 'none' }, ['192.0.2.9'])).toEqual([]);
  expect(planAccess({ nics }, {}, ['192.0.2.9'])).toEqual([]);
});

test('an address gets what egress lists of its family, and the ports that are open at it', () => {
  const open = [
    { ...ports(22), text: '22' },
    { ...ports(80), address: '192.0.2.8', text: '80' },
  ] as never;
  expect(planAccess({ nics: [] }, { access: 'inbound', egress, open }, ['192.0.2.9', '2001:db8::9'])).toEqual(
    [
      {
        kind: 'confined',
        guest: '192.0.2.9',
        access: 'inbound',
        egress: [
          { to: '0.0.0.0/0', ...ports(25) },
          { to: '192.0.2.0/24', ...ports(443) },
        ],
        opened: [ports(22)],
      },
      {
        kind: 'confined',
        guest: '2001:db8::9',
        access: 'inbound',
        egress: [
          { to: '::/0', ...ports(25) },
          { to: '2001:db8::/32', ...ports(53, 'udp') },
        ],
        opened: [ports(22)],
      },
    ],
  );
});
