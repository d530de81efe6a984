import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { renderGuest } from '../../../src/import/render-guest.ts';
import type { ImportedGuest } from '../../../src/import/translate-hooks.ts';

const guest: ImportedGuest = {
  name: 'web',
  where: 'hooks.json:2',
  addresses: ['192.168.122.41'],
  forwards: [],
  entries: ['80', { port: '81', from: ['10.0.0.0/8'] }],
  allowFrom: undefined,
};

test('the file of a guest', () => {
  expect(renderGuest(guest)).toBe(`# Imported from hooks.json:2
[guest.web]
address    = "192.168.122.41"
forward    = ["80", { port = "81", from = ["10.0.0.0/8"] }]
`);
});

test('addresses of both families and sources are lists', () => {
  const addresses = ['192.168.122.41', 'fd00:122::41'];
  const text = renderGuest({ ...guest, addresses, allowFrom: [] });
  expect(parse(text)).toMatchObject({ guest: { web: { address: addresses, allow_from: [] } } });
});

test('neither name nor file can end the comment or the header', () => {
  const name = 'a"]\nb';
  const text = renderGuest({ ...guest, name, where: 'x\n[host]:1' });
  expect(Object.keys(parse(text))).toEqual(['guest']);
  expect(Object.keys(parse(text)['guest'] as object)).toEqual([name]);
});

test('a list of more than 100 characters has a line per entry', () => {
  const entries = Array.from({ length: 30 }, (_, index) => `${9000 + index}`);
  const text = renderGuest({ ...guest, entries });
  expect(text).toContain('forward    = [\n  "9000",\n  "9001",\n');
  expect(parse(text)).toMatchObject({ guest: { web: { forward: entries } } });
});
