import { Ajv } from 'ajv';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { configurationSchema } from '../../../src/policy/configuration-schema.ts';
import type { KeyDescription } from '../../../src/policy/key-description.ts';
import { keyTables } from '../../../src/policy/key-tables.ts';

const validate = new Ajv({ strict: false }).compile(configurationSchema());
const problems = (toml: string) => (validate(parse(toml)) ? [] : (validate.errors ?? []));

test('the example of every key in the reference is valid', () => {
  const headers = {
    host: '[host]',
    metadata: '[host.metadata]',
    guest: '[guest.web]',
    network: '[network.default]',
    forward: '[[guest.web.forward]]\nport = 1',
    open: '[[guest.web.open]]\nport = 1',
    limits: '[host.limits]',
  };
  for (const [name, header] of Object.entries(headers))
    for (const [key, { example }] of Object.entries<KeyDescription>(
      keyTables[name as keyof typeof headers].keys,
    ))
      if (example !== undefined && !(key === 'port' && header.includes('port')))
        expect(problems(`${header}\n${key} = ${example}\n`), `${name} ${key} = ${example}`).toEqual([]);
});

test.each([
  ['[guest.web]\nforward = ["8443:443", { port = 80, from = ["198.51.100.0/24"] }]', true],
  ['[guest.web]\nforward = "80"\nopen = [443, { port = "22" }]', true],
  ['[host]\nmetadata = false\nlimits = { forwards = 7 }', true],
  ['[host.metadata]\nkeys = ["open"]', true],
  ['[guest.web]\nforwards = ["80"]', false],
  ['[guest.web]\nforward = [{ to = "80" }]', false],
  ['[guest.web]\non_error = "stop"', false],
  ['[host.metadata]\nkeys = ["opens"]', false],
  ['[hosts]\n', false],
])('%j is valid: %s', (toml, valid) => {
  expect(problems(toml).length === 0).toBe(valid);
});

test('every key has a description', () => {
  const check = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { properties } = schema as { properties?: Record<string, { description?: string }> };
    for (const [key, value] of Object.entries(properties ?? {})) expect(value.description, key).toBeTruthy();
    for (const value of Object.values(schema)) check(value);
  };
  check(configurationSchema());
});
