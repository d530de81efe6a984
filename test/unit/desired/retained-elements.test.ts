import { expect, test } from 'vitest';
import type { DesiredState } from '../../../src/desired/desired-state.ts';
import { retainedElements } from '../../../src/desired/retained-elements.ts';
import type { Element } from '../../../src/model/element.ts';
import type { GuestRecord } from '../../../src/state/records.ts';
import { desiredOf, forwardOf, recordOf } from '../records.ts';

/* A lease that is gone for a moment must not close a guest; an address that the policy no longer names must. */

const [address, address6, onDmz] = ['192.168.122.41', 'fd00:122::41', '192.168.150.41'];
const dmz = { network: 'dmz' } as const;
const [http, http6, dns, dmzHttp] = [
  forwardOf(80),
  forwardOf(80, { host: 'any6', guest: address6 }),
  forwardOf(53, { protocol: 'udp' }),
  forwardOf(8080, { guest: onDmz }),
];
const filterOf = ({ host, protocol, ports }: typeof http): Element => ({
  kind: 'source-filter',
  claim: { host, protocol, ports },
  from: ['198.51.100.0/24'],
});

/** A guest whose addresses came by DHCP; the one on the network "dmz" is chosen by a forward. */
const before = (...elements: readonly Element[]): GuestRecord =>
  recordOf('web', {
    elements,
    address,
    addressSource: 'its DHCP lease',
    otherAddress: { address: address6, source: 'its DHCP lease' },
    interfaceAddresses: [{ choice: dmz, addresses: [{ address: onDmz, source: 'its DHCP lease' }] }],
  });

const desired = (more: Partial<DesiredState>) => desiredOf('web', more);

test.each<[string, DesiredState, GuestRecord, readonly Element[]]>([
  ['nothing, where every address is known', desired({}), before(http, http6), []],
  [
    'what leads to the family that is unknown',
    desired({ unknown: ['ip'] }),
    before(http, http6, dns),
    [http, dns],
  ],
  ['all, where both are', desired({ unknown: ['ip', 'ip6'] }), before(http, http6), [http, http6]],
  [
    'no port that the guest wants to lead elsewhere by now',
    desired({ unknown: ['ip'], elements: [forwardOf(80, { guest: onDmz })] }),
    before(http, dns),
    [dns],
  ],
  [
    'no forward to an address that the policy gave and gives no longer',
    desired({ unknown: ['ip'] }),
    { ...before(http), givenAddresses: [address] },
    [],
  ],
  [
    'nothing of an interface whose address is known, though the usual one is not',
    desired({ unknown: ['ip'] }),
    before(http, dmzHttp),
    [http],
  ],
  [
    'what leads to the interface whose address is unknown',
    desired({ unknownOn: [{ choice: dmz, families: ['ip'] }] }),
    before(http, dmzHttp),
    [dmzHttp],
  ],
  [
    'nothing of another interface',
    desired({ unknownOn: [{ choice: { network: 'lan' }, families: ['ip'] }] }),
    before(dmzHttp),
    [],
  ],
  [
    'the source filter of a forward that stays, and of none that goes',
    desired({ unknown: ['ip'], elements: [forwardOf(53, { protocol: 'udp', guest: onDmz })] }),
    before(filterOf(http), http, filterOf(dns), dns),
    [filterOf(http), http],
  ],
  // It is put in place before the guest runs, and so before its address is known.
  [
    'a source filter that is there without its forward',
    desired({ unknown: ['ip'] }),
    before(filterOf(http)),
    [filterOf(http)],
  ],
])('keeps %s', (_, wanted, record, kept) => {
  expect(retainedElements(wanted, record)).toEqual(kept);
});
