import type { Address, Family } from '../model/address.ts';
import { addressOfBytes } from '../model/address.ts';
import type { Direction, Flow } from '../model/flow.ts';
import { endFlowsByProgram, readFlowsByProgram } from './flows-by-program.ts';
import { flag, type Netlink, openNetlink } from './netlink.ts';
import { attributes, message, nested, number, number32, raw } from './netlink-message.ts';

/*
 * Connection tracking's flows, asked of and ended in the kernel itself. Numbers are those of
 * linux/netfilter/nfnetlink_conntrack.h.
 */

/** Messages of the ctnetlink subsystem (1). */
const get = 0x0101;
const remove = 0x0102;

const families: Readonly<Record<Family, number>> = { ip: 2, ip6: 10 };

/** IPS_SEEN_REPLY and IPS_ASSURED, of linux/netfilter/nf_conntrack_common.h. */
const answered = 2;
const assured = 4;

/** CTA_*: attributes of a flow. CTA_COUNTERS_BYTES (2) is inside the counters. */
const cta = {
  original: 1,
  reply: 2,
  status: 3,
  mark: 8,
  counters: 9,
  replyCounters: 10,
  id: 12,
  zone: 18,
  maskOfMark: 21,
} as const;

/**
 * Ends flows: the kernel forgets them, and treats their next packets as new connections.
 *
 * @param ours the bit of `ct mark`, if only flows that carry it are meant
 * @returns how many were ended; undefined if the kernel cannot be asked
 */
export function endFlows(
  family: Family,
  ours: number | undefined,
  isMeant: (flow: Flow) => boolean,
): number | undefined {
  const netlink = openNetlink();
  if (netlink === undefined) return endFlowsByProgram(family, ours, isMeant);
  try {
    return endThrough(netlink, family, ours, isMeant);
  } finally {
    netlink.close();
  }
}

/**
 * The flows of a family that are meant; undefined if the kernel cannot be asked.
 *
 * @param ours the bit of `ct mark`, if only flows that carry it are meant: the kernel then leaves out the others
 */
export function readFlows(
  family: Family,
  isMeant: (flow: Flow) => boolean,
  ours?: number,
): readonly Flow[] | undefined {
  const netlink = openNetlink();
  if (netlink === undefined)
    return readFlowsByProgram(family)?.filter(
      (flow) => (ours === undefined || (flow.mark & ours) !== 0) && isMeant(flow),
    );
  try {
    const question = message(get, flag.request | flag.dump, families[family], markFilter(ours));
    const found = netlink.ask(question, (body) => readFlow(body).flow);
    return found?.filter(isMeant);
  } finally {
    netlink.close();
  }
}

interface Found {
  readonly flow: Flow;
  /** What names it to the kernel. */
  readonly name: readonly Buffer[];
}

function endThrough(
  netlink: Netlink,
  family: Family,
  ours: number | undefined,
  isMeant: (flow: Flow) => boolean,
): number | undefined {
  const found = netlink.ask(
    message(get, flag.request | flag.dump, families[family], markFilter(ours)),
    readFlow,
  );
  if (found === undefined) return undefined;
  const meant = found.filter(({ flow }) => isMeant(flow));
  for (const { name } of meant)
    netlink.ask(message(remove, flag.request | flag.acknowledge, families[family], name), () => undefined);
  return meant.length;
}

function markFilter(ours: number | undefined): Buffer[] {
  return ours === undefined ? [] : [number32(cta.mark, ours), number32(cta.maskOfMark, ours)];
}

function readFlow(body: Buffer): Found {
  const parts = attributes(body);
  const original = attributes(parts.get(cta.original));
  const name = [cta.original, cta.zone, cta.id].flatMap((type) => {
    const value = parts.get(type);
    return value === undefined ? [] : [type === cta.original ? nested(type, value) : raw(type, value)];
  });
  const bytes = [cta.counters, cta.replyCounters].flatMap((type) => {
    const counted = attributes(parts.get(type)).get(2);
    return counted === undefined ? [] : [Number(counted.readBigUInt64BE(0))];
  });
  return {
    flow: {
      protocol: attributes(original.get(2)).get(1)?.[0] ?? 0,
      original: readDirection(original),
      reply: readDirection(attributes(parts.get(cta.reply))),
      assured: (number(parts.get(cta.status)) & assured) !== 0,
      answered: (number(parts.get(cta.status)) & answered) !== 0,
      mark: number(parts.get(cta.mark)),
      ...(bytes.length > 0 && { bytes: bytes.reduce((sum, count) => sum + count, 0) }),
    },
    name,
  };
}

/** CTA_TUPLE_IP and CTA_TUPLE_PROTO. */
function readDirection(tuple: Map<number, Buffer>): Direction {
  const addresses = attributes(tuple.get(1));
  const protocol = attributes(tuple.get(2));
  const sourcePort = protocol.get(2)?.readUInt16BE(0);
  const destinationPort = protocol.get(3)?.readUInt16BE(0);
  return {
    source: addressOf(addresses.get(1) ?? addresses.get(3)),
    destination: addressOf(addresses.get(2) ?? addresses.get(4)),
    ...(sourcePort !== undefined && { sourcePort }),
    ...(destinationPort !== undefined && { destinationPort }),
  };
}

function addressOf(value: Buffer | undefined): Address {
  return (value && addressOfBytes(value)) ?? '';
}
