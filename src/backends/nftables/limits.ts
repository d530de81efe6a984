import { type Element, familyOfElement } from '../../model/element.ts';
import { isAny } from '../../model/host-address.ts';
import type { LimitElement } from '../../model/limit-element.ts';
import { formatPorts } from '../../model/port.ts';
import { names } from '../names.ts';
import type { Entry } from './entry.ts';

/*
 * A limit has state of its own, which is no entry of a map: a rate is a named `limit`; connections are counted
 * in a set of source addresses, by the one rule of a chain. The entry's value names them. Adding what is there
 * leaves its state alone; their names hold all that they are, so that another number is another object.
 */

/** The entry that leads to a limit: an interval, for single ports too. */
export function limitEntry(element: LimitElement): Entry {
  const { at, kind } = element;
  const where = !('host' in at) ? '_open' : isAny(at.host) ? '_any' : '';
  const address = !('host' in at) ? `${at.guest} . ` : isAny(at.host) ? '' : `${at.host} . `;
  const key = `${address}${at.protocol} . ${formatPorts(at.ports)}`;
  return kind === 'rate-limit'
    ? { set: `rated${where}`, key, value: objectName(element) }
    : { set: `counted${where}`, key, value: `jump ${objectName(element)}` };
}

/** What limits need besides their entries, as statements for nft: before these are added, after they are removed. */
export function renderLimits(verb: 'add' | 'delete', elements: readonly Element[]): string {
  return elements
    .flatMap((element) =>
      element.kind === 'rate-limit' || element.kind === 'connection-limit' ? statements(verb, element) : [],
    )
    .map((statement) => `${statement}\n`)
    .join('');
}

function statements(verb: 'add' | 'delete', element: LimitElement): string[] {
  const family = familyOfElement(element);
  const object = `${family} ${names.table} ${objectName(element)}`;
  if (element.kind === 'rate-limit') {
    const { connections, per } = element.rate;
    if (verb === 'delete') return [`delete limit ${object}`];
    return [`add limit ${object} { rate over ${connections}/${per} burst ${connections} packets; }`];
  }
  if (verb === 'delete') return [`delete chain ${object}`, `delete set ${object}`];
  const type = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const source = `${family} saddr ct count over ${element.connections}`;
  return [
    `add set ${object} { type ${type}; size 65535; flags dynamic; }`,
    `add chain ${object}`,
    // Its only rule, however often it is added.
    `flush chain ${object}`,
    `add rule ${object} add @${objectName(element)} { ${source} } counter drop`,
  ];
}

/** `rate_any_tcp_8080_10_second`, `count_203.0.113.10_tcp_80-89_20`: no colons, which nft takes for another word. */
function objectName(element: LimitElement): string {
  const { at } = element;
  const place = 'host' in at ? at.host : `open_${at.guest}`;
  const [prefix, limit] =
    element.kind === 'rate-limit'
      ? [names.rate, `${element.rate.connections}_${element.rate.per}`]
      : [names.count, `${element.connections}`];
  return `${prefix}${place.replaceAll(':', '_')}_${at.protocol}_${formatPorts(at.ports)}_${limit}`;
}
