import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import type { KeyDescription } from './key-description.ts';
import { type KeyTable, keyTables } from './key-tables.ts';
import { guestEntries } from './schema.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The configuration as a JSON Schema, for editors of TOML (taplo, Even Better TOML). It is made from the schema that the
 * program itself checks files with. Tables in lists, which the program reads entry by entry, take the place of "anything".
 */
export function configurationSchema(): JsonSchema {
  const text = { type: 'string' };
  const limits = table(keyTables.limits);
  const port = toJson(guestEntries.open.options[0]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'guestgate: /etc/guestgate/guestgate.toml and guests.d/*.toml',
    type: 'object',
    additionalProperties: false,
    properties: {
      host: {
        ...table(keyTables.host, {
          metadata: { anyOf: [{ type: 'boolean' }, table(keyTables.metadata)] },
          protect: table(keyTables.protect),
          limits,
          metadata_limits: limits,
        }),
        description: 'What holds for all guests.',
      },
      guest: named(
        'The policy of a guest: its name, its UUID, or driver and name ("lxc:web").',
        table(keyTables.guest, {
          forward: listOf({ anyOf: [text, table(keyTables.forward)] }, text),
          open: listOf({ anyOf: [port, table(keyTables.open)] }, port),
        }),
      ),
      network: named(
        'The policy of a libvirt network, or of a bridge or another interface of the host, by its name.',
        table(keyTables.network),
      ),
    },
  };
}

function named(description: string, value: JsonSchema): JsonSchema {
  return { type: 'object', description, additionalProperties: value };
}

function listOf(items: JsonSchema, single: JsonSchema): JsonSchema {
  return { anyOf: [{ type: 'array', items }, single] };
}

/** @param tables keys whose values the program's schema leaves open */
function table({ entries, keys }: KeyTable, tables: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  const required = Object.keys(entries).filter((key) => keys[key]?.required === true);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      Object.entries(entries).map(([key, entry]) => [
        key,
        { ...(tables[key] ?? toJson(entry)), description: describe(keys[key]) },
      ]),
    ),
  };
}

/** Blanks around a text are taken away, and letters made small: neither changes what a file may hold. */
function toJson(entry: v.GenericSchema): JsonSchema {
  const { $schema: _, ...schema } = toJsonSchema(entry, { errorMode: 'ignore', typeMode: 'input' });
  return schema;
}

function describe(key: KeyDescription | undefined): string {
  if (key === undefined) return '';
  const plain = (text: string) => text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
  return [
    plain(key.text),
    ...(key.default === undefined ? [] : [`Default: ${plain(key.default)}.`]),
    ...(key.example === undefined ? [] : [`Example: ${key.example}`]),
  ].join(' ');
}
