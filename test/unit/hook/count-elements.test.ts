import { expect, test } from 'vitest';
import { summarize } from '../../../src/hook/count-elements.ts';
import type { Element } from '../../../src/model/element.ts';
import { forwardOf } from '../records.ts';

const [address, address6] = ['192.168.122.41', 'fd00:122::41'];
const claim = { host: '203.0.113.10' } as const;
const at = { guest: address, protocol: 'tcp', ports: { first: 22, last: 22 } } as const;
const [public4, leaving]: Element[] = [
  { kind: 'one-to-one', host: claim.host, guest: address },
  { kind: 'source-nat', guest: address, interface: 'eth0', address: claim.host },
];
const filter: Element = { kind: 'source-filter', claim, from: [] };
const vif: Element = { kind: 'vif', port: 'vif1.0', way: 'bridged' };

test.each<[string, readonly Element[], string | undefined]>([
  ['no forwards', [], address],
  ['1 forward to 192.168.122.41', [forwardOf(80)], address],
  ['2 forwards to 192.168.122.41', [forwardOf(80), forwardOf(81)], address],
  ['2 forwards', [forwardOf(80), forwardOf(81)], undefined],
  [
    '2 forwards to 192.168.122.41 and fd00:122::41',
    [forwardOf(80), forwardOf(80, { guest: address6 })],
    address,
  ],
  [
    '1 public address, 1 restriction to 192.168.122.41',
    [filter, public4 as Element, leaving as Element],
    address,
  ],
  ['source address for 192.168.122.41', [leaving as Element], address],
  [
    '1 open port, 2 restrictions to 192.168.122.41',
    [filter, { kind: 'open-source-filter', ...at, from: [] }, { kind: 'open', ...at }],
    address,
  ],
  [
    '2 limits to 192.168.122.41',
    [
      { kind: 'rate-limit', at, rate: { connections: 2, per: 'hour' } },
      { kind: 'connection-limit', at, connections: 5 },
    ],
    address,
  ],
  ['2 public addresses to 192.168.122.41', [public4 as Element, public4 as Element], address],
  // A port leads nowhere, whatever the guest's address is.
  ['1 vif', [vif], address],
  ['1 vif, 1 forward to 192.168.122.41', [vif, forwardOf(80)], address],
])('%s', (text, elements, known) => {
  expect(summarize(elements, known)).toBe(text);
});
