import type { GuestState, GuestStatus, LastEvent, Status } from '../check/status.ts';
import { counted } from '../model/counted.ts';
import type { Element } from '../model/element.ts';
import { describeFault, describeWithin, headRuleFault } from '../model/finding.ts';
import { quoted } from '../model/problem.ts';
import { visibleLine } from '../model/visible-text.ts';
import { describeElement, displayWidth } from './output.ts';
import { type Colour, paint, type Screen, shorten } from './screen.ts';

/*
 * A guest is a line with its state and addresses, and a line for each element: so it fits 80 columns, and 200 guests are
 * searched in a pager by name.
 */

/** A line as cells, each padded to the widest one of its kind and column. */
interface Line {
  readonly kind: 'guest' | 'element' | 'text';
  readonly cells: readonly string[];
  readonly colours?: readonly (Colour | undefined)[];
}

/** Wider cells do not push those of others aside. */
const widest = 46;

/** All lines, escaped. @param now in milliseconds since 1970 */
export function renderStatus(
  { guests, networks, absent, headRules }: Status,
  screen: Screen,
  now: number,
): string {
  const lines: Line[] = guests.flatMap((guest) => guestLines(guest, now));
  const text = (line: string, colour?: Colour): Line => ({ kind: 'text', cells: [line], colours: [colour] });
  const rest = [
    ...networks.flatMap(({ network, elements }) =>
      elements.map((element) => text(`network ${quoted(network)}: ${describeElement(element)}`)),
    ),
    ...absent.map((element) => text(describeElement(element))),
    ...headRules
      .filter(({ inPlace }) => !inPlace)
      .map(({ name }) => text(`! ${describeFault(headRuleFault(name))}`, 'red')),
  ];
  const summary = guests.length === 0 ? 'No running guest has a policy.' : summarize(guests);
  const all = guests.length === 0 ? [text(summary), ...rest] : [...lines, ...rest, text(summary, 'dim')];
  return layOut(all, screen);
}

function summarize(guests: readonly GuestStatus[]): string {
  const elements = guests.flatMap((guest) => guest.elements);
  const forwards = elements.filter(({ element }) => element.kind === 'forward').length;
  const now = elements.reduce((sum, { connectionsNow = 0 }) => sum + connectionsNow, 0);
  return [
    counted(guests.length, 'guest'),
    counted(forwards, 'forward'),
    `${counted(now, 'connection')} now`,
  ].join(', ');
}

const stateColours: Readonly<Record<GuestState, Colour>> = {
  running: 'green',
  ended: 'red',
  unknown: 'yellow',
};

function guestLines(guest: GuestStatus, now: number): Line[] {
  const { elements, problems, state, lastEvent } = guest;
  const name = JSON.stringify(guest.guest.name).slice(1, -1);
  const shown = elements.filter(({ element }) => element.kind !== 'inside' && element.kind !== 'roaming');
  // What restricts follows what it restricts.
  const ordered = [
    ...shown.filter(({ element }) => !isRestriction(element)),
    ...shown.filter(({ element }) => isRestriction(element)),
  ];
  const elementLines = ordered.map(
    ({ element, packets, connectionsNow, bytesNow }): Line => ({
      kind: 'element',
      cells: [
        `  ${describeElement(element)}`,
        connectionsNow === undefined ? '' : `${connectionsNow} now`,
        packets === undefined ? '' : `${packets} ever`,
        bytesNow === undefined ? '' : formatBytes(bytesNow),
      ],
    }),
  );
  return [
    {
      kind: 'guest',
      cells: [name, state, addressesOf(guest).join(', ') || 'no address', describeEvent(lastEvent, now)],
      colours: ['bold', stateColours[state], undefined, 'dim'],
    },
    ...problems.map(
      (problem): Line => ({ kind: 'text', cells: [`  ! ${describeWithin(problem)}`], colours: ['red'] }),
    ),
    ...(elementLines.length > 0 ? elementLines : [{ kind: 'text', cells: ['  nothing open'] } as const]),
  ];
}

function isRestriction({ kind }: Element): boolean {
  return kind === 'source-filter' || kind === 'denied';
}

/** `192.168.122.41 (DHCP lease)`: each address once, and where it was found. */
function addressesOf({
  address,
  addressSource,
  otherAddress,
  interfaceAddresses = [],
}: GuestStatus): string[] {
  const found = [
    ...(address === undefined ? [] : [{ address, source: addressSource ?? '' }]),
    ...(otherAddress === undefined ? [] : [otherAddress]),
    ...interfaceAddresses.flatMap(({ addresses }) => addresses),
  ];
  const sources = new Map(found.map(({ address: own, source }) => [own, source]));
  return [...sources].map(([own, source]) => (source === '' ? own : `${own} (${source})`));
}

function describeEvent(event: LastEvent | undefined, now: number): string {
  if (event === undefined) return '';
  const failed = event.level === 'error' ? ' failed' : '';
  return `${event.operation}${failed} ${formatAge(now - Date.parse(event.at))} ago`;
}

/** @param time in milliseconds */
export function formatAge(time: number): string {
  const seconds = Math.max(0, Math.round(time / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** `512 B`, `1.2 MB`: powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const number = bytes / 1000 ** power;
  return `${power > 0 && number < 10 ? number.toFixed(1) : Math.round(number)} ${units[power]}`;
}

function layOut(lines: readonly Line[], screen: Screen): string {
  const escaped = lines.map((line) => ({ ...line, cells: line.cells.map(visibleLine) }));
  const widths = { guest: widthsOf(escaped, 'guest'), element: widthsOf(escaped, 'element'), text: [] };
  return escaped
    .map(({ kind, cells, colours = [] }) => {
      const own: readonly number[] = widths[kind];
      const padded = cells.map((cell, column) => {
        const missing = (own[column] ?? 0) - displayWidth(cell);
        const space = ' '.repeat(Math.max(0, missing));
        // Numbers end below each other.
        return kind === 'element' && column > 0 ? space + cell : cell + space;
      });
      const line = padded.join('  ').trimEnd();
      const fitting = shorten(screen, line);
      if (fitting !== line) return paint(screen, colours[0], fitting);
      return padded
        .map((cell, column) => paint(screen, colours[column], cell))
        .join('  ')
        .trimEnd();
    })
    .join('\n');
}

function widthsOf(lines: readonly Line[], kind: Line['kind']): number[] {
  const rows = lines.filter((line) => line.kind === kind).map(({ cells }) => cells);
  return (rows[0] ?? []).map((_, column) =>
    Math.max(0, ...rows.map((row) => displayWidth(row[column] ?? '')).filter((width) => width <= widest)),
  );
}
