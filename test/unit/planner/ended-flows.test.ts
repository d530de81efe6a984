import { expect, test } from 'vitest';
import type { Element } from '../../../src/model/element.ts';
import type { Flow } from '../../../src/model/flow.ts';
import { isEnded, isStale } from '../../../src/planner/ended-flows.ts';

const guest = '192.168.122.41';
const host = '198.51.100.1';
const client = '198.51.100.2';

/** A flow from the client to a port of the host, answered by somebody. */
function flow(protocol: number, port: number, by: string, byPort: number): Flow {
  return {
    protocol,
    original: { source: client, sourcePort: 40_000, destination: host, destinationPort: port },
    reply: { source: by, sourcePort: byPort, destination: client, destinationPort: 40_000 },
    assured: false,
    answered: false,
    mark: 0,
  };
}

function forward(more: Partial<Element & { kind: 'forward' }>): Element {
  return {
    kind: 'forward',
    host: 'any',
    protocol: 'tcp',
    ports: { first: 8443, last: 8443 },
    guest,
    to: 443,
    ...more,
  };
}

test.each([
  ['the very forward', flow(6, 8443, guest, 443), forward({}), true],
  ['its address', flow(6, 8443, guest, 443), forward({ host }), true],
  ['another address', flow(6, 8443, guest, 443), forward({ host: '198.51.100.10' }), false],
  ['another protocol', flow(17, 8443, guest, 443), forward({}), false],
  ['another port', flow(6, 8444, guest, 443), forward({}), false],
  ['another port of the guest', flow(6, 8443, guest, 80), forward({}), false],
  ['another guest', flow(6, 8443, '192.168.122.42', 443), forward({}), false],
  [
    'a shifted range',
    flow(6, 9002, guest, 82),
    forward({ ports: { first: 9000, last: 9005 }, to: 80 }),
    true,
  ],
  [
    'a shifted range, another port of it',
    flow(6, 9002, guest, 80),
    forward({ ports: { first: 9000, last: 9005 }, to: 80 }),
    false,
  ],
  ['sctp', flow(132, 8443, guest, 443), forward({ protocol: 'tcp' }), false],
  ['a whole address', flow(6, 12_345, guest, 12_345), { kind: 'one-to-one', host, guest } as Element, true],
  [
    'a whole address of another guest',
    flow(6, 1, '192.168.122.42', 1),
    { kind: 'one-to-one', host, guest } as Element,
    false,
  ],
])('a flow lives on %s: %#', (_, one, element, ends) => {
  expect(isEnded(one, [element])).toBe(ends);
});

test('in IPv6, where any address is another word; and through an open port, as it is', () => {
  const [six, public6, client6] = ['fd00:122::41', '2001:db8:1::1', '2001:db8:1::2'];
  const flow6 = (destination: string, port: number, byPort: number, protocol = 6): Flow => ({
    protocol,
    original: { source: client6, sourcePort: 1, destination, destinationPort: port },
    reply: { source: six, sourcePort: byPort, destination: client6, destinationPort: 1 },
    assured: false,
    answered: false,
    mark: 0,
  });
  const any6 = forward({ host: 'any6', guest: six });
  expect(isEnded(flow6(public6, 8443, 443), [any6])).toBe(true);
  expect(isEnded(flow6(public6, 8444, 443), [any6])).toBe(false);
  const udp = forward({ host: 'any6', guest: six, protocol: 'udp' });
  const elsewhere = { ...flow6(public6, 8443, 443, 17), reply: flow6(public6, 1, 1).original };
  expect(isStale(elsewhere, [udp], (address) => address === public6)).toBe(true);
  const open: Element = { kind: 'open', guest: six, protocol: 'tcp', ports: { first: 80, last: 89 } };
  expect(isEnded(flow6(six, 85, 85), [open])).toBe(true);
  expect(isEnded(flow6(six, 90, 90), [open])).toBe(false);
  expect(isEnded(flow6(public6, 85, 85), [open])).toBe(false);
});

test("the guest's own connections live on its source address", () => {
  const out: Flow = {
    protocol: 6,
    original: { source: guest, sourcePort: 1, destination: client, destinationPort: 80 },
    reply: { source: client, sourcePort: 80, destination: host, destinationPort: 1 },
    assured: false,
    answered: false,
    mark: 0,
  };
  const element: Element = { kind: 'source-nat', guest, interface: 'eth0', address: host };
  expect(isEnded(out, [element])).toBe(true);
  expect(isEnded(out, [{ ...element, address: '198.51.100.10' }])).toBe(false);
});

test('a udp flow is stale if it was there before the forward, and goes elsewhere', () => {
  const own = (address: string) => address === host;
  const udp = forward({ protocol: 'udp', ports: { first: 53, last: 53 }, to: 53 });
  expect(isStale(flow(17, 53, host, 53), [udp], own)).toBe(true);
  expect(isStale(flow(17, 53, guest, 53), [udp], own)).toBe(false);
  expect(isStale(flow(17, 53, host, 53), [udp], () => false)).toBe(false);
  expect(isStale(flow(17, 54, host, 54), [udp], own)).toBe(false);
  expect(isStale(flow(6, 53, host, 53), [udp], own)).toBe(false);
});

test('a flow to a whole address is stale in every protocol, but for tcp that is established', () => {
  const whole: Element = { kind: 'one-to-one', host, guest };
  const own = () => true;
  expect(isStale(flow(17, 4444, host, 4444), [whole], own)).toBe(true);
  expect(isStale({ ...flow(17, 4444, host, 4444), assured: true }, [whole], own)).toBe(true);
  expect(isStale(flow(1, 0, host, 0), [whole], own)).toBe(true);
  expect(isStale(flow(6, 22, host, 22), [whole], own)).toBe(true);
  expect(isStale({ ...flow(6, 22, host, 22), assured: true }, [whole], own)).toBe(false);
  expect(isStale(flow(17, 4444, guest, 4444), [whole], own)).toBe(false);
});

test('a flow of the guest is stale if it leaves with another address than its own now', () => {
  const address = '198.51.100.10';
  const element: Element = { kind: 'source-nat', guest, interface: 'eth0', address };
  const leaving = (as: string): Flow => ({
    ...flow(17, 0, client, 53),
    original: { source: guest, sourcePort: 1, destination: client, destinationPort: 53 },
    reply: { source: client, sourcePort: 53, destination: as, destinationPort: 1 },
  });
  expect(isStale(leaving(host), [element], () => true)).toBe(true);
  expect(isStale(leaving(address), [element], () => true)).toBe(false);
  expect(isStale(leaving(guest), [element], () => true)).toBe(false);
});
