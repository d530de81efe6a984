import { expect, test } from 'vitest';
import { checkNamed, otherAddresses } from '../../../src/desired/named-addresses.ts';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import type { Forward } from '../../../src/model/policy.ts';

const forward = (toAddress?: string): Forward => ({
  host: 'any',
  protocol: 'tcp',
  ports: { first: 80, last: 80 },
  to: 80,
  text: 'x',
  ...(toAddress !== undefined && { toAddress }),
});
const onBridge: NicSurroundings = {
  nic: { bridge: 'br0', tap: 'vif1.0', addresses: ['10.0.0.2', '10.0.0.3', '203.0.113.1'] },
  networkFiles: [],
  isOwn: (address) => address === '203.0.113.1',
  isRouted: (address) => address === '203.0.113.7',
};

test.each([
  ['that the description gives', '10.0.0.3', true],
  ['that is routed to the bridge', '203.0.113.7', true],
  ['of any other machine', '192.0.2.9', false],
  ["of the host's own", '203.0.113.1', false],
])('a forward to an address %s', (_, address, accepted) => {
  const found = checkNamed({ forwards: [forward(address)] }, [onBridge]);
  expect(found.accepted).toEqual(accepted ? [address] : []);
  expect(found.problems).toHaveLength(accepted ? 0 : 1);
});

test('the other addresses are known, and the one of the forwards is named; one in the policy counts alone', () => {
  const { others, remarks } = otherAddresses({ forwards: [forward()] }, ['10.0.0.2'], [onBridge]);
  expect(others).toEqual(['10.0.0.3']);
  expect(remarks.map(({ problem }) => problem)).toEqual([
    'it also has the address 10.0.0.3: its forwards go to 10.0.0.2',
    "its address 203.0.113.1 does not count, which is the host's own address",
  ]);
  expect(otherAddresses({ addresses: ['10.0.0.2'] }, ['10.0.0.2'], [onBridge]).others).toEqual([]);
});
