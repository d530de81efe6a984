import type { HostMap, MapGuest, MapUplink } from '../check/host-map.ts';
import type { Element } from '../model/element.ts';
import { formatHost } from '../model/host-address.ts';
import { formatPorts } from '../model/port.ts';
import { visibleLine } from '../model/visible-text.ts';
import { describeElement } from './output.ts';

/** The picture as a tree. */
export function renderMapText({ host, uplinks, networks }: HostMap): string {
  return tree({
    label: `host ${host}`,
    children: [
      ...uplinks.map((uplink) => ({ label: describeUplink(uplink), children: [] })),
      ...networks.map(({ name, addresses, guests }) => ({
        label: ['network', name, ...addresses].join(' '),
        children: guests.map((guest) => ({
          label: describeGuest(guest),
          children: guest.elements.map((element) => ({ label: describeBriefly(element), children: [] })),
        })),
      })),
    ],
  }).join('\n');
}

export function describeUplink({ name, addresses, isDefault }: MapUplink): string {
  return [name, ...addresses, ...(isDefault ? ['(default route)'] : [])].join(' ');
}

function describeGuest({ name, state, addresses }: MapGuest): string {
  return [name, ...addresses, ...(state === 'running' ? [] : [`(${state})`])].join(' ');
}

/** Beside the guest, which has its address: `*:8443/tcp -> 443`. */
export function describeBriefly(element: Element): string {
  switch (element.kind) {
    case 'forward': {
      const { host, ports, protocol, to } = element;
      const guestPorts = formatPorts({ first: to, last: to + ports.last - ports.first });
      return `${formatHost(host)}:${formatPorts(ports)}/${protocol} -> ${guestPorts}`;
    }
    case 'one-to-one':
      return `${element.host} -> all ports`;
    case 'open':
      return `${formatPorts(element.ports)}/${element.protocol} open`;
    case 'source-nat':
      return `leaves ${element.interface} as ${element.address}`;
    default:
      return describeElement(element);
  }
}

interface Node {
  readonly label: string;
  readonly children: readonly Node[];
}

function tree({ label, children }: Node): string[] {
  return [
    visibleLine(label),
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      const [first = '', ...rest] = tree(child);
      return [`${isLast ? '`-' : '|-'} ${first}`, ...rest.map((line) => `${isLast ? '  ' : '| '} ${line}`)];
    }),
  ];
}
