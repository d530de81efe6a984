import { expect, test } from 'vitest';
import { supportedElements } from '../../../src/desired/supported-elements.ts';
import type { Element } from '../../../src/model/element.ts';
import type { LimitElement } from '../../../src/model/limit-element.ts';
import { forwardOf } from '../records.ts';

/* A back end without limits: a forward that asks for one is left out with all that belongs to it, and never left open. */

const lacks = (element: Element) => (element.kind === 'connection-limit' ? 'it cannot count' : undefined);
const http = forwardOf(80);
const at = { host: http.host, protocol: http.protocol, ports: http.ports };
const ssh = { guest: http.guest, protocol: 'tcp', ports: { first: 22, last: 22 } } as const;
const limit = (place: LimitElement['at']): Element => ({
  kind: 'connection-limit',
  at: place,
  connections: 5,
});
const filter: Element = { kind: 'source-filter', claim: at, from: [] };
const [open, openFilter]: Element[] = [
  { kind: 'open', ...ssh },
  { kind: 'open-source-filter', ...ssh, from: [] },
];
const other = forwardOf(81);

test.each<[string, readonly Element[], readonly Element[], readonly string[]]>([
  ['nothing is lacking', [filter, http, other], [filter, http, other], []],
  [
    'a limited forward goes with its filter',
    [filter, limit(at), http, other],
    [other],
    ['*:80/tcp is left out: it cannot count'],
  ],
  [
    'an open port with its filter',
    [openFilter as Element, limit(ssh), open as Element, http],
    [http],
    ['open 192.168.122.41:22/tcp is left out: it cannot count'],
  ],
  [
    'the same port at one address stays',
    [limit(at), http, forwardOf(80, { host: '203.0.113.10' })],
    [forwardOf(80, { host: '203.0.113.10' })],
    ['*:80/tcp is left out: it cannot count'],
  ],
  [
    'the same port of udp stays',
    [limit(at), http, forwardOf(80, { protocol: 'udp' })],
    [forwardOf(80, { protocol: 'udp' })],
    ['*:80/tcp is left out: it cannot count'],
  ],
])('%s', (_, elements, supported, problems) => {
  const found = supportedElements(elements, lacks);
  expect(found.elements).toEqual(supported);
  expect(found.problems.map(({ problem }) => problem)).toEqual(problems);
});
