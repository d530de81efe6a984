import type { HostMap, MapGuest } from '../check/host-map.ts';
import type { Element } from '../model/element.ts';
import { visibleLine } from '../model/visible-text.ts';
import { describeBriefly, describeUplink } from './map-text.ts';

/* The picture as a graph: an arrow from the host, or from the uplink that has a forward's address, to its guest. */

/** For graphviz (https://graphviz.org/doc/info/lang.html). */
export function renderMapDot(map: HostMap): string {
  const text = (...lines: string[]) =>
    `"${lines.map((line) => visibleLine(line).replaceAll('\\', '\\\\').replaceAll('"', '\\"')).join('\\n')}"`;
  return [
    'digraph guestgate {',
    '  rankdir=LR; ranksep=2; node [shape=box, fontname="sans-serif", fontsize=10]; edge [fontname="sans-serif", fontsize=9];',
    `  host [label=${text(map.host)}, shape=house];`,
    ...map.uplinks.flatMap((uplink, index) => [
      `  u${index} [label=${text(...describeUplink(uplink).split(' '))}];`,
      `  host -> u${index} [dir=none];`,
    ]),
    ...map.networks.flatMap(({ name, addresses, guests }, network) => [
      `  subgraph cluster_${network} {`,
      `    label=${text([name, ...addresses].join(' '))};`,
      ...guests.map(
        (guest, index) =>
          `    g${network}_${index} [label=${text(guest.name, ...guest.addresses, ...stateOf(guest))}];`,
      ),
      '  }',
    ]),
    ...arrows(map).map(({ from, to, labels }) => `  ${from} -> ${to} [label=${text(...labels)}];`),
    '}',
  ].join('\n');
}

/** For Markdown (https://mermaid.js.org/syntax/flowchart.html). */
export function renderMapMermaid(map: HostMap): string {
  const text = (...lines: string[]) =>
    `"${lines.map((line) => visibleLine(line).replaceAll('#', '#35;').replaceAll('&', '#amp;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;')).join('<br/>')}"`;
  return [
    'flowchart LR',
    `  host{{${text(map.host)}}}`,
    ...map.uplinks.flatMap((uplink, index) => [
      `  u${index}[${text(...describeUplink(uplink).split(' '))}]`,
      `  host --- u${index}`,
    ]),
    ...map.networks.flatMap(({ name, addresses, guests }, network) => [
      `  subgraph n${network}[${text([name, ...addresses].join(' '))}]`,
      ...guests.map(
        (guest, index) =>
          `    g${network}_${index}[${text(guest.name, ...guest.addresses, ...stateOf(guest))}]`,
      ),
      '  end',
    ]),
    ...arrows(map).map(({ from, to, labels }) => `  ${from} -->|${text(...labels)}| ${to}`),
  ].join('\n');
}

function stateOf({ state }: MapGuest): string[] {
  return state === 'running' ? [] : [`(${state})`];
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly labels: readonly string[];
}

/** One arrow for all that leads from one place to one guest. */
function arrows({ uplinks, networks }: HostMap): Arrow[] {
  const from = (element: Element): string => {
    const address = 'host' in element ? element.host : undefined;
    const index = uplinks.findIndex(({ addresses }) => address !== undefined && addresses.includes(address));
    return index < 0 ? 'host' : `u${index}`;
  };
  return networks.flatMap(({ guests }, network) =>
    guests.flatMap(({ elements }, index) => {
      const incoming = elements.filter(({ kind }) => kind !== 'source-nat');
      return [...new Set(incoming.map(from))].map((start) => ({
        from: start,
        to: `g${network}_${index}`,
        labels: incoming.filter((element) => from(element) === start).map(describeBriefly),
      }));
    }),
  );
}
