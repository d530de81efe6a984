import { formatPorts } from '../model/port.ts';
import type { NewForward } from './new-forwards.ts';
import { applySplices, type Splice } from './toml-syntax.ts';

/**
 * Changes the forwards in the text of the guest's `<gg:guest>`. Everything else in it stays. `virsh metadata` prints and
 * takes it without its namespace, which libvirt removes and adds (virXMLExtractNamespaceXML, virXMLInjectNamespace).
 *
 * @param text undefined if the guest has no such element
 * @param remove indexes of forwards: each `<range>` is one
 * @returns undefined if the text has another form
 */
export function editMetadata(
  text: string | undefined,
  { add, remove }: { readonly add: readonly NewForward[]; readonly remove: readonly number[] },
): string | undefined {
  const before = text?.trim() ?? '<guest/>';
  const found = scan(before);
  if (found === undefined) return undefined;
  const cuts: Splice[] = [];
  let index = 0;
  for (const { span, ranges } of found.forwards) {
    const first = index;
    index += ranges.length;
    const removed = ranges.filter((_, offset) => remove.includes(first + offset));
    if (removed.length === 0) continue;
    cuts.push(...(removed.length === ranges.length ? [span] : removed).map((part) => cut(before, part)));
  }
  return applySplices(before, [...cuts, ...insert(before, found, add)]);
}

type Span = readonly [start: number, end: number];

interface Scanned {
  readonly forwards: { readonly span: Span; readonly ranges: Span[] }[];
  /** The end tag, or the whole of `<guest/>`. */
  readonly closing: Span;
}

const tag =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<(?<slash>\/?)(?<name>[^\s/>!?]+)(?:"[^"]*"|'[^']*'|[^"'>/])*(?<empty>\/?)>/g;

/** Finds the elements in a text of libvirt, which is well-formed. */
function scan(text: string): Scanned | undefined {
  const open: { name: string; start: number; ranges: Span[] }[] = [];
  const forwards: Scanned['forwards'] = [];
  for (const { 0: whole, index, groups } of text.matchAll(tag)) {
    const { slash, name, empty } = groups ?? {};
    if (name === undefined) continue;
    const end = index + whole.length;
    if (slash !== '/') open.push({ name, start: index, ranges: [] });
    if (slash !== '/' && empty !== '/') continue;
    const element = open.pop();
    if (element?.name !== name) return undefined;
    if (open.length === 0) {
      const closing: Span = [slash === '/' ? index : element.start, end];
      return name === 'guest' && element.start === 0 && end === text.length
        ? { forwards, closing }
        : undefined;
    }
    const span: Span = [element.start, end];
    if (open.length === 1 && name === 'portForward') forwards.push({ span, ranges: element.ranges });
    if (open.length === 2 && name === 'range') open[1]?.ranges.push(span);
  }
  return undefined;
}

/** Also removes the blanks before it. */
function cut(text: string, [start, end]: Span): Splice {
  return { start: text.slice(0, start).trimEnd().length, end, text: '' };
}

function insert(text: string, { closing }: Scanned, add: readonly NewForward[]): Splice[] {
  if (add.length === 0) return [];
  const [start, end] = closing;
  const elements = add.map(renderPortForward).join('');
  if (text.startsWith('</', start)) {
    const content = text.slice(0, start).trimEnd().length;
    return [{ start: content, end: start, text: `${elements}\n` }];
  }
  const openingTag = text.slice(start, end).replace(/\s*\/>$/, '>');
  return [{ start, end, text: `${openingTag}${elements}\n</guest>` }];
}

function renderPortForward({ forward: { host, ports, to, protocol }, terms }: NewForward): string {
  const address = host === 'any' ? '' : ` address="${host}"`;
  const attributes = Object.entries(terms)
    .map(
      ([key, value]) => ` ${key}="${escapeAttribute(Array.isArray(value) ? value.join(' ') : `${value}`)}"`,
    )
    .join('');
  const end = ports.last === ports.first ? '' : ` end="${ports.last}"`;
  const target = formatPorts({ first: to, last: to });
  return [
    `\n  <portForward proto="${protocol}"${address}${attributes}>`,
    `\n    <range start="${ports.first}"${end}${to === ports.first ? '' : ` to="${target}"`}/>`,
    '\n  </portForward>',
  ].join('');
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
