import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  forwardEntries,
  guestEntries,
  hostEntries,
  limitEntries,
  metadataEntries,
  topLevelTables,
} from '../../../src/policy/schema.ts';

const message = (schema: v.GenericSchema, value: unknown) => v.safeParse(schema, value).issues?.[0]?.message;

describe('what a key accepts', () => {
  test.each<[string, v.GenericSchema, unknown]>([
    ['a port as a number', forwardEntries.port, 443],
    ['a port as a text', forwardEntries.port, ' 60000-60010 '],
    ['one address or several', guestEntries.address, ['192.168.122.41', 'fd00::41']],
    ['one port of a guest as a number', guestEntries.open, 443],
    ['tables among forwards', guestEntries.forward, ['80', { port: 80 }]],
    ['metadata turned off, or a table', hostEntries.metadata, { keys: ['open'] }],
    ['no forwards at all', limitEntries.forwards, 0],
  ])('%s', (_, schema, value) => expect(message(schema, value)).toBeUndefined());

  test('a MAC address in capitals is the same in small letters', () => {
    expect(v.parse(guestEntries.mac, ' 52:54:00:AA:BB:01 ')).toBe('52:54:00:aa:bb:01');
  });
});

describe('what it refuses, with what it must be', () => {
  test.each<[unknown, v.GenericSchema, RegExp]>([
    [80.5, forwardEntries.port, /^must be a port/],
    [2.5, forwardEntries.connections, /^must be a whole number/],
    [true, forwardEntries.port, /^must be a port/],
    ['yes', forwardEntries.loopback, /^must be true or false/],
    [0, forwardEntries.nic, /^counts from 1/],
    [1.5, forwardEntries.nic, /^must be a whole number/],
    ['52:54:00:aa:bb', guestEntries.mac, /^must be a MAC address/],
    [' ', guestEntries.network, /^must be the name of a network/],
    [[1], guestEntries.address, /^must be a string or a list of strings/],
    ['refuse', guestEntries.on_error, /^must be "deny" or "start"/],
    [{ port: 80 }, guestEntries.forward, /^must be a list of forwards/],
    ['0x1', hostEntries.mark, /^must be a number/],
    ['nft', hostEntries.backend, /^must be "auto"/],
    [-1, limitEntries.sources, /^must not be negative/],
    [['forward'], metadataEntries.keys, /^must be one of "address", "open"/],
  ])('%j', (value, schema, expected) => expect(message(schema, value)).toMatch(expected));
});

test('a file has three kinds of tables', () => {
  expect(topLevelTables).toEqual(['host', 'guest', 'network']);
});
