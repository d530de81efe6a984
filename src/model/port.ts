/** The protocols whose ports can be forwarded: their headers have the ports at the same offset (`th dport`). */
export const protocols = ['tcp', 'udp', 'sctp'] as const;
export type Protocol = (typeof protocols)[number];

/** Ports `first` to `last`, both included, 1 to 65535. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** `443` or `60000-60010`; undefined for anything else, and for ranges that run backwards. */
export function parsePorts(text: string): PortRange | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first >= 1 && last <= 65535 && first <= last ? { first, last } : undefined;
}

export function formatPorts({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

export function overlap(a: PortRange, b: PortRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** `tcp`, or several as `tcp+udp`, in any case; undefined if one of them is none of ours. */
export function parseProtocols(text: string): Protocol[] | undefined {
  const parsed = text.toLowerCase().split('+');
  return parsed.every(isProtocol) ? [...new Set(parsed as Protocol[])] : undefined;
}

export function isProtocol(text: string): text is Protocol {
  return (protocols as readonly string[]).includes(text);
}
