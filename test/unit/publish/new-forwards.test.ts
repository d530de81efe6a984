import { describe, expect, test } from 'vitest';
import { entryOf, meaningOf, parseNewForwards, tableOf } from '../../../src/publish/new-forwards.ts';

const parse = (texts: readonly string[], terms = {}) => parseNewForwards(texts, terms).forwards;

test('each protocol of a text becomes a forward of its own, which can be removed alone', () => {
  expect(parse(['53/tcp+udp']).map(entryOf)).toEqual(['53:53/tcp', '53:53/udp']);
});

test('terms hold for every forward', () => {
  const terms = { from: ['198.51.100.0/24'], rate: '10/second', connections: 3, loopback: true, nic: 2 };
  const { forwards, problems } = parseNewForwards(['80', '8443:443'], terms);
  expect(problems).toEqual([]);
  for (const { forward } of forwards) {
    expect(forward).toMatchObject({
      from: ['198.51.100.0/24'],
      rate: { connections: 10, per: 'second' },
      connections: 3,
      loopback: true,
    });
    expect(forward.interfaceChoice).toBeDefined();
  }
  expect(forwards.map(({ forward }) => forward.text)).toEqual(['80', '8443:443']);
});

test('a mistake in the terms is reported once, not for each forward', () => {
  expect(parseNewForwards(['80', '81'], { rate: 'often' }).problems).toHaveLength(1);
  expect(parseNewForwards(['80', 'x', 'y']).problems).toHaveLength(2);
});

describe('an entry', () => {
  test('is the text of a forward without terms', () => {
    expect(parse([' 203.0.113.11:8443:443 ']).map(entryOf)).toEqual(['203.0.113.11:8443:443']);
  });

  test.each<[string, object]>([
    ['80', { port: '80' }],
    ['8443:443', { port: '8443', to: '443' }],
    [
      '203.0.113.11:9000-9002:80/udp',
      { host: '203.0.113.11', port: '9000-9002', to: '80-82', protocol: 'udp' },
    ],
  ])('%s as a table contains only keys without default value', (text, table) => {
    expect(parse([text]).map(tableOf)).toEqual([table]);
    expect(parse([text], { nic: 1 }).map(entryOf)).toEqual([{ ...table, nic: 1 }]);
  });
});

test('the meaning of a forward does not depend on how it is written, but on its terms', () => {
  const meanings = (texts: string[], terms = {}) =>
    parse(texts, terms).map(({ forward }) => meaningOf(forward));
  const [short, long] = meanings(['80', '*:80:80/TCP']);
  expect(short).toBe(long);
  expect(meanings(['80'], { connections: 3 })).not.toEqual([short]);
  expect(meanings(['80/udp'])).not.toEqual([short]);
});
