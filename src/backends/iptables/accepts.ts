import type { Element } from '../../model/element.ts';
import { formatHost, isAny, loopbackAddress } from '../../model/host-address.ts';
import { formatPorts, type PortRange } from '../../model/port.ts';
import { chains } from './chains.ts';
import { asComment, dport, filter, type GuestRule } from './matches.ts';

/*
 * What is read first: `iptables -L GUESTGATE-FORWARD -nv`. Its first two rules send off all but first packets of
 * connections that carry our bit. These meet one jump a guest, whose comment says what is open, and in the guest's
 * chain an ACCEPT for each of its forwards, open ports and addresses. What fits none of them continues in the
 * rules of other programs.
 */

/** The kernel keeps 255 characters of a comment (XT_MAX_COMMENT_LEN). */
const commentLength = 240;

interface Accept {
  /** The guest's side: `-d ADDRESS` or `-s ADDRESS`. */
  readonly side: string;
  readonly match: string;
  /** As the jump's comment says it. */
  readonly title: string;
}

/** A guest's rules in the filter table. */
export function accepts(elements: readonly Element[], chain: string, label: string): GuestRule[] {
  const admitted = elements.flatMap((element) => acceptOf(element) ?? []);
  const sides = new Map<string, string[]>();
  for (const { side, title } of admitted) sides.set(side, [...(sides.get(side) ?? []), title]);
  return [
    ...admitted.map(({ side, match }) =>
      filter(chain, `${side} ${match} -m comment --comment ${asComment(label)} -j ACCEPT`),
    ),
    ...[...sides].map(([side, titles]) =>
      filter(chains.forward, `${side} -m comment --comment "${summary(label, titles)}" -j ${chain}`),
    ),
  ];
}

function acceptOf(element: Element): Accept | undefined {
  switch (element.kind) {
    case 'forward': {
      const { host, protocol, ports, guest, to } = element;
      // What the host itself sends is not forwarded.
      if (host === loopbackAddress) return undefined;
      const own = { first: to, last: to + ports.last - ports.first };
      const asked = `${isAny(host) ? '' : `--ctorigdst ${host} `}--ctorigdstport ${span(ports)}`;
      const place = isAny(host) ? '' : `${formatHost(host)}:`;
      return {
        side: `-d ${guest}`,
        match: `${dport(protocol, own)} -m conntrack --ctstate NEW ${asked}`,
        title: `${place}${formatPorts(ports)}/${protocol}`,
      };
    }
    case 'one-to-one':
      return {
        side: `-d ${element.guest}`,
        match: `-m conntrack --ctstate NEW --ctorigdst ${element.host}`,
        title: `all of ${element.host}`,
      };
    case 'open':
      return {
        side: `-d ${element.guest}`,
        match: `${dport(element.protocol, element.ports)} -m conntrack --ctstate NEW`,
        title: `${formatPorts(element.ports)}/${element.protocol} open`,
      };
    case 'source-nat':
      return {
        side: `-s ${element.guest}`,
        match: `-o ${element.interface} -m conntrack --ctstate NEW`,
        title: `leaves ${element.interface} as ${element.address}`,
      };
    default:
      return undefined;
  }
}

function span({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}:${last}`;
}

/** `web: 8080/tcp, 203.0.113.11:8443/tcp`, cut where it gets too long. */
function summary(label: string, titles: readonly string[]): string {
  let text = `${asComment(label)}:`;
  for (const [index, title] of titles.entries()) {
    const next = `${text}${index === 0 ? '' : ','} ${title}`;
    if (next.length > commentLength) return `${text} ...`;
    text = next;
  }
  return text;
}
