import type { HostMap, MapGuest, MapNetwork } from '../check/host-map.ts';
import { visibleLine } from '../model/visible-text.ts';
import { describeBriefly, describeUplink } from './map-text.ts';
import { displayWidth } from './output.ts';

/*
 * The picture as SVG 1.1: uplinks above, a panel for each network below, with a box for each guest. Arrows lead from the uplinks
 * to the panels; each box says what leads to its guest, so that 200 guests need no 200 crossing lines.
 */

/** In pixels. */
const size = {
  margin: 24,
  trunk: 36,
  box: 290,
  gap: 14,
  line: 17,
  title: 26,
  columns: 4,
  uplink: 230,
} as const;
/** As many lines of a box; the rest is counted. */
const most = 8;
/** Columns of characters that fit a box, and an uplink; of titles fewer. */
const fitting = { text: 41, title: 29 } as const;

export function renderMapSvg(map: HostMap): string {
  const widest = Math.max(1, ...map.networks.map(({ guests }) => Math.min(size.columns, guests.length)));
  const columns = Math.max(widest, Math.min(size.columns, map.uplinks.length));
  const width = 2 * size.margin + size.trunk + columns * (size.box + size.gap) + size.gap;
  const left = size.margin + size.trunk;
  const uplinks = drawUplinks(map, left);
  let top = uplinks.bottom + 2 * size.gap;
  const panels: string[] = [];
  const trunkTop = uplinks.bottom - size.line;
  let trunkBottom = trunkTop;
  for (const network of map.networks) {
    const panel = drawPanel(network, left, top, columns);
    panels.push(panel.svg);
    trunkBottom = top + size.title / 2;
    panels.push(
      `<path class="line" marker-end="url(#arrow)" d="M${size.margin + 10} ${trunkBottom}H${left - 2}"/>`,
    );
    top = panel.bottom + 2 * size.gap;
  }
  const trunk =
    map.networks.length === 0
      ? ''
      : `<path class="line" d="M${left} ${trunkTop}H${size.margin + 10}V${trunkBottom}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}">
<style>
text { font: 12px sans-serif; fill: #1b1f24 } .title { font-weight: bold; font-size: 14px } .small { fill: #57606a }
.panel { fill: #f6f8fa; stroke: #8c959f } .box { fill: #ffffff; stroke: #8c959f } .away { stroke-dasharray: 4 3 }
.uplink { fill: #ddf4ff; stroke: #0969da } .line { fill: none; stroke: #0969da; stroke-width: 1.5 }
</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#0969da"/></marker></defs>
<rect width="100%" height="100%" fill="#ffffff"/>
${[...uplinks.svg, trunk, ...panels].join('\n')}
</svg>
`;
}

function drawUplinks({ host, uplinks }: HostMap, left: number): { svg: string[]; bottom: number } {
  const top = size.margin + size.title;
  const lines = uplinks.map((uplink) => describeUplink(uplink).split(/ (?=\(|[\da-f.:]+(?: |$))/i));
  const height = size.line * Math.max(1, ...lines.map((own) => own.length)) + 14;
  const svg = [write(left, size.margin + 6, `host ${host}`, 'title')];
  for (const [index, own] of lines.entries()) {
    const x = left + index * (size.uplink + size.gap);
    svg.push(`<rect class="uplink" rx="5" x="${x}" y="${top}" width="${size.uplink}" height="${height}"/>`);
    for (const [row, line] of own.entries())
      svg.push(write(x + 10, top + 19 + row * size.line, line, row === 0 ? 'title' : '', fitting.title));
  }
  return { svg, bottom: top + height };
}

function drawPanel(
  { name, addresses, guests }: MapNetwork,
  left: number,
  top: number,
  columns: number,
): { svg: string; bottom: number } {
  const width = columns * (size.box + size.gap) + size.gap;
  const boxes: string[] = [];
  let y = top + size.title + size.gap / 2;
  for (let start = 0; start < guests.length; start += columns) {
    const row = guests.slice(start, start + columns);
    const height = Math.max(...row.map((guest) => boxLines(guest).length)) * size.line + 34;
    for (const [column, guest] of row.entries())
      boxes.push(drawBox(guest, left + size.gap + column * (size.box + size.gap), y, height));
    y += height + size.gap;
  }
  const title = write(left + size.gap, top + 20, `network ${name}  ${addresses.join('  ')}`, 'title');
  const panel = `<rect class="panel" rx="7" x="${left}" y="${top}" width="${width}" height="${y - top}"/>`;
  return { svg: [panel, title, ...boxes].join('\n'), bottom: y };
}

function drawBox(guest: MapGuest, x: number, y: number, height: number): string {
  const away = guest.state === 'running' ? '' : ' away';
  return [
    `<rect class="box${away}" rx="5" x="${x}" y="${y}" width="${size.box}" height="${height}"/>`,
    write(
      x + 10,
      y + 20,
      away === '' ? guest.name : `${guest.name} (${guest.state})`,
      'title',
      fitting.title,
    ),
    ...boxLines(guest).map((line, index) =>
      write(
        x + 10,
        y + 38 + index * size.line,
        line,
        index < guest.addresses.length ? 'small' : '',
        fitting.text,
      ),
    ),
  ].join('\n');
}

function boxLines({ addresses, elements }: MapGuest): string[] {
  const lines = elements.map(describeBriefly);
  const rest = lines.length - most;
  return [...addresses, ...(rest > 1 ? [...lines.slice(0, most), `and ${rest} more`] : lines)];
}

function write(x: number, y: number, text: string, kind: string, most = Number.POSITIVE_INFINITY): string {
  const shown = displayWidth(text) > most ? `${[...text].slice(0, most - 1).join('')}…` : text;
  const escaped = visibleLine(shown).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const full =
    shown === text
      ? ''
      : `<title>${visibleLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</title>`;
  return `<text${kind === '' ? '' : ` class="${kind}"`} x="${x}" y="${y}">${full}${escaped}</text>`;
}
