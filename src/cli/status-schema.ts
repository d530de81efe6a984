import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { guestDrivers } from '../model/guest.ts';

/* What `guestgate status --json` prints. Objects may get more keys; none is taken away. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const described = (description: string) => v.description<string, string>(description);
const text = (description: string) => v.pipe(v.string(), described(description));

const element = v.looseObject({
  element: v.looseObject({
    kind: text('forward, one-to-one, open, source-filter, denied, source-nat, rate-limit and others'),
  }),
  packets: v.optional(
    v.pipe(count, v.description('Connections since the rule was added, counted by their first packets')),
  ),
  bytes: v.optional(v.pipe(count, v.description('The bytes of these first packets'))),
  connectionsNow: v.optional(v.pipe(count, v.description('Connections that the kernel tracks now'))),
  bytesNow: v.optional(
    v.pipe(
      count,
      v.description('What these have carried in both directions; only with net.netfilter.nf_conntrack_acct'),
    ),
  ),
});

const event = v.looseObject({
  number: count,
  at: text('When it began, ISO 8601'),
  operation: text('prepare, start, started, stopped, release, ...'),
  level: v.picklist(['error', 'warn', 'info', 'debug']),
});

const guest = v.looseObject({
  guest: v.looseObject({
    driver: v.picklist(guestDrivers),
    name: v.string(),
    uuid: v.optional(v.string()),
    nics: v.array(v.looseObject({})),
  }),
  state: v.pipe(
    v.picklist(['running', 'ended', 'unknown']),
    v.description('unknown: neither libvirt nor Xen has files that say it'),
  ),
  address: v.optional(text('The address that forwards lead to')),
  addressSource: v.optional(text('Where it was found')),
  otherAddress: v.optional(v.looseObject({ address: v.string(), source: v.string() })),
  since: text('When its rules were last made, ISO 8601'),
  lastEvent: v.optional(event),
  elements: v.array(element),
  problems: v.pipe(
    v.array(v.string()),
    v.description('Parts of its policy that are not applied, as sentences'),
  ),
});

export const statusSchema = v.looseObject({
  backend: v.optional(v.picklist(['nftables', 'iptables-nft', 'iptables-legacy'])),
  guests: v.array(guest),
  networks: v.array(v.looseObject({ network: v.string(), elements: v.array(v.looseObject({})) })),
  absent: v.pipe(
    v.array(v.looseObject({})),
    v.description('What is dropped at public addresses of guests that do not run'),
  ),
  headRules: v.array(v.looseObject({ name: v.string(), inPlace: v.boolean() })),
  problems: v.array(v.string()),
});

/** The published one: docs/reference/status.schema.json. */
export function statusJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...toJsonSchema(statusSchema), title: 'guestgate status --json' };
}
