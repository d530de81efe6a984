import { expect, test } from 'vitest';
import { parseHookJson } from '../../../src/import/hook-json.ts';
import { formatProblem } from '../../../src/model/problem.ts';

const parse = (text: string) => {
  const { guests, reader, problems } = parseHookJson(text, 'hooks.json');
  return {
    guests: guests.map(
      ({ name, entries }) => `${name} ${entries.map(({ addresses }) => addresses.join('+')).join(' ')}`,
    ),
    problems: problems.map(formatProblem),
    warnings: reader.warnings.map(formatProblem),
  };
};
const web = { private_ip: '192.168.122.41' };

test('a text that is no JSON names the line, and no guest', () => {
  expect(parse('{\n  "web": {,}\n}')).toMatchObject({
    guests: [],
    problems: [expect.stringMatching(/^hooks\.json:2: invalid JSON: /)],
  });
  expect(parse('').problems).toHaveLength(1);
  expect(parse('[]').problems).toEqual(['hooks.json:1: must be an object: { "GUEST": { ... } }']);
});

test('a guest has one entry or a list of them', () => {
  expect(parse(JSON.stringify({ web, mail: [web, { private_ip: 'fd00::41' }] })).guests).toEqual([
    'web 192.168.122.41',
    'mail 192.168.122.41 fd00::41',
  ]);
});

test('of a name that is there twice the last definition counts, as for the hook', () => {
  const found = parse('{ "web": { "private_ip": "10.0.0.1" },\n "web": { "private_ip": "10.0.0.2" } }');
  expect(found.guests).toEqual(['web 10.0.0.2']);
  expect(found.warnings).toEqual([
    'hooks.json:1: web: is defined again below: only the last definition counts',
  ]);
});

test('a fork lists the guests in "machines"; a guest of that name is one all the same', () => {
  expect(parse(JSON.stringify({ public_ip: '203.0.113.1', machines: { web } })).guests).toEqual([
    'web 192.168.122.41',
  ]);
  expect(parse(JSON.stringify({ machines: web, mail: web })).guests).toEqual([
    'machines 192.168.122.41',
    'mail 192.168.122.41',
  ]);
});

test('names that are properties of every object are guests like any other', () => {
  expect(
    parse('{ "__proto__": { "private_ip": "10.0.0.1" }, "constructor": { "private_ip": "10.0.0.2" } }')
      .guests,
  ).toEqual(['__proto__ 10.0.0.1', 'constructor 10.0.0.2']);
});
