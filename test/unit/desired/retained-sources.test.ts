import { expect, test } from 'vitest';
import { withRetainedSources } from '../../../src/desired/retained-sources.ts';
import type { AntispoofElement } from '../../../src/model/antispoof.ts';

const linkLocal = 'fe80::5054:ff:feaa:bb01/128';
const port = (...sources: string[]): AntispoofElement => ({
  kind: 'vif',
  port: 'vnet0',
  way: 'bridged',
  mac: '52:54:00:aa:bb:01',
  sources,
  unaccepted: true,
});
const had = { elements: [port('192.0.2.1/32', 'fd00::1/128', linkLocal)] };
const now = [port(linkLocal)];

test('a port keeps its sources in the families whose address is not known now', () => {
  expect(withRetainedSources({ elements: now, unknown: ['ip'] }, had)).toEqual([
    port('192.0.2.1/32', linkLocal),
  ]);
  expect(withRetainedSources({ elements: now, unknown: ['ip', 'ip6'] }, had)).toEqual([
    port('192.0.2.1/32', 'fd00::1/128', linkLocal),
  ]);
});

test('the same where the address of a chosen interface is not known', () => {
  const unknownOn = [{ choice: { nic: 2 }, families: ['ip6'] as const }];
  expect(withRetainedSources({ elements: now, unknown: [], unknownOn }, had)).toEqual([
    port('fd00::1/128', linkLocal),
  ]);
});

test('it keeps none if the addresses are known, if the policy gave them, or if it is another port', () => {
  expect(withRetainedSources({ elements: now, unknown: [] }, had)).toEqual(now);
  const given = { ...had, givenAddresses: ['192.0.2.1'] };
  expect(withRetainedSources({ elements: now, unknown: ['ip'] }, given)).toEqual(now);
  const other = { elements: had.elements.map((one) => ({ ...one, port: 'vnet7' })) };
  expect(withRetainedSources({ elements: now, unknown: ['ip'] }, other)).toEqual(now);
});

test("what Xen's ip= lists is never added to", () => {
  const { unaccepted: _, ...vif } = port(linkLocal);
  expect(withRetainedSources({ elements: [vif], unknown: ['ip'] }, had)).toEqual([vif]);
});

test('an address that is kept is confined as the policy says now', () => {
  const confinement = { access: 'inbound', egress: [] } as const;
  expect(withRetainedSources({ elements: now, unknown: ['ip'], confinement }, had)).toEqual([
    port('192.0.2.1/32', linkLocal),
    { kind: 'confined', guest: '192.0.2.1', access: 'inbound' },
  ]);
});
