import { expect, test } from 'vitest';
import type { Element } from '../../../src/model/element.ts';
import type { Flow } from '../../../src/model/flow.ts';
import { isDenied } from '../../../src/planner/denied-flows.ts';

const [guest, host, client] = ['192.168.122.41', '198.51.100.1', '198.51.100.2'];
const ports = { first: 8080, last: 8080 };

/** A connection of the client that the guest's port 80 answers. */
function flow(original: Partial<Flow['original']> = {}): Flow {
  return {
    protocol: 6,
    original: { source: client, sourcePort: 40_000, destination: host, destinationPort: 8080, ...original },
    reply: { source: guest, sourcePort: 80, destination: client, destinationPort: 40_000 },
    assured: true,
    answered: true,
    mark: 1,
  };
}

const forward = (at: string): Element => ({
  kind: 'forward',
  host: at as 'any',
  protocol: 'tcp',
  ports,
  guest,
  to: 80,
});
const only = (at: string, ...from: string[]): Element => ({
  kind: 'source-filter',
  claim: { host: at as 'any', protocol: 'tcp', ports },
  from,
});
const open: Element = { kind: 'open', guest, protocol: 'tcp', ports: { first: 80, last: 80 } };
const openOnly = (...from: string[]): Element => ({
  kind: 'open-source-filter',
  guest,
  protocol: 'tcp',
  ports: { first: 80, last: 80 },
  from,
});
const direct = flow({ destination: guest, destinationPort: 80 });
const nothing = () => false;

test.each<[string, Flow, Element, Element[], boolean]>([
  ['a list without the source', flow(), only('any', '198.51.100.3/32'), [forward('any')], true],
  ['an empty list', flow(), only('any'), [forward('any')], true],
  ['a list with the source', flow(), only('any', '198.51.100.0/24'), [forward('any')], false],
  ['a list of another port', flow({ destinationPort: 81 }), only('any'), [forward('any')], false],
  ['a list of another address', flow(), only('198.51.100.10'), [forward('198.51.100.10')], false],
  ['a list of any address, of a flow to one', flow(), only('any'), [forward('any'), forward(host)], false],
  ['a list of that one', flow(), only(host), [forward('any'), forward(host)], true],
  ['a list of no forward that the guest has', flow(), only('any'), [], false],
  ['a list of an open port', direct, openOnly('198.51.100.3/32'), [open], true],
  ['a list of an open port with the source', direct, openOnly(`${client}/32`), [open], false],
  ['a denied source', flow(), { kind: 'denied', guest, from: [`${client}/32`] }, [forward('any')], true],
  ['another denied source', flow(), { kind: 'denied', guest, from: ['198.51.100.3/32'] }, [], false],
  ['what denies nothing', flow(), forward('any'), [forward('any')], false],
])('%s', (_, used, added, elements, expected) => {
  expect(isDenied(used, [added], elements, nothing)).toBe(expected);
});

test('a whole address has a list of its own', () => {
  const elements: Element[] = [{ kind: 'one-to-one', host, guest }, forward('any')];
  const list: Element = { kind: 'source-filter', claim: { host }, from: [] };
  expect(isDenied(flow(), [list], elements, nothing)).toBe(true);
  expect(isDenied(flow(), [only('any')], elements, nothing)).toBe(false);
});

test('the host is no source from outside', () => {
  expect(isDenied(flow(), [only('any')], [forward('any')], (address) => address === client)).toBe(false);
});
