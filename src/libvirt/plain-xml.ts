import type { XmlNode } from '../model/xml.ts';

/*
 * libvirt writes its XML always the same way: elements without prefixes, attributes in single quotes, nothing
 * but elements and text. That much is read here in a fraction of the time that loading a full parser takes, on
 * a path that libvirt waits for. Whatever else a document holds, and every mistake in it, is left to the parser.
 */

const plainTag = /<(\/?)([A-Za-z_][\w.-]*)((?:[ \t\r\n]+[A-Za-z_:][\w.:-]*='[^'<]*')*)[ \t\r\n]*(\/?)>/y;
/** Other people's metadata has prefixes, and quotes as they like. */
const anyTag =
  /<(\/?)((?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*)((?:[ \t\r\n]+[A-Za-z_:][\w.:-]*=(?:'[^'<]*'|"[^"<]*"))*)[ \t\r\n]*(\/?)>/y;
const attribute = /([\w.:-]+)='([^']*)'/g;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const deepest = 200;
const longestAttributes = 4096;

interface Open {
  readonly name: string;
  readonly node: { [key: string]: unknown };
}

/**
 * Parses a document of the plain kind into what the full parser would make of it, namespaces aside.
 *
 * @param skip an element whose content does not matter: it must be sound, and is not kept
 * @returns undefined if the document is of another kind, or wrong: the parser will tell
 */
export function parsePlainXml(document: string, skip: string): XmlNode | undefined {
  const root: Open = { name: '', node: Object.create(null) };
  const stack: Open[] = [root];
  const prefixes = { used: new Set<string>(), declared: new Set<string>() };
  let skipping = false;
  let position = afterComment(document);
  if (document.includes('<!', position)) return undefined;
  while (position < document.length) {
    const next = document.indexOf('<', position);
    if (!addText(stack, document.slice(position, next < 0 ? undefined : next))) return undefined;
    if (next < 0) break;
    const tag = skipping ? anyTag : plainTag;
    tag.lastIndex = next;
    const found = tag.exec(document);
    if (found === null) return undefined;
    const [, closing, name = '', attributes = '', empty] = found;
    position = tag.lastIndex;
    if (closing === '/') {
      if (stack.length < 2 || stack.pop()?.name !== name || attributes !== '') return undefined;
      if (name === skip) skipping = false;
      continue;
    }
    if (stack.length > deepest || attributes.length > longestAttributes) return undefined;
    if (skipping) notePrefixes(name, attributes, prefixes);
    const node = skipping ? Object.create(null) : open(stack, name, attributes);
    if (node === undefined || (skipping && name === skip)) return undefined;
    if (empty === '/') continue;
    stack.push({ name, node });
    if (name === skip) skipping = true;
  }
  const sound = stack.length === 1 && [...prefixes.used].every((prefix) => prefixes.declared.has(prefix));
  return sound && Object.keys(root.node).length === 1 ? flat(root.node) : undefined;
}

/** Status files begin with a warning not to edit them. */
function afterComment(document: string): number {
  const start = document.search(/\S/);
  const end = document.startsWith('<!--', start) ? document.indexOf('-->', start) : -1;
  return end < 0 ? Math.max(start, 0) : end + 3;
}

function notePrefixes(
  name: string,
  attributes: string,
  { used, declared }: Record<'used' | 'declared', Set<string>>,
): void {
  const colon = name.indexOf(':');
  if (colon > 0) used.add(name.slice(0, colon));
  for (const [, prefix = ''] of attributes.matchAll(/\sxmlns:([\w.-]+)=/g)) declared.add(prefix);
}

function addText(stack: readonly Open[], text: string): boolean {
  const decoded = decode(text);
  if (decoded === undefined) return false;
  if (decoded.trim() === '') return true;
  const { node, name } = stack.at(-1) as Open;
  node['_'] = `${(node['_'] as string | undefined) ?? ''}${decoded}`;
  return name !== '';
}

function open(stack: readonly Open[], name: string, attributes: string): Open['node'] | undefined {
  const node: Open['node'] = Object.create(null);
  if (attributes !== '') {
    const values: { [name: string]: { value: string } } = Object.create(null);
    for (const [, key = '', raw = ''] of attributes.matchAll(attribute)) {
      const value = decode(raw);
      // Prefixes, and xmlns itself, are for the parser: it knows which are declared.
      if (value === undefined || key in values || /^xmlns|:/.test(key)) return undefined;
      values[key] = { value };
    }
    node['$'] = values;
  }
  const parent = (stack.at(-1) as Open).node;
  const siblings = parent[name] as unknown[] | undefined;
  if (siblings === undefined) parent[name] = [node];
  else siblings.push(node);
  return node;
}

function decode(text: string): string | undefined {
  if (!text.includes('&')) return text;
  let known = true;
  const decoded = text.replaceAll(/&([^;\s]*);?/g, (whole, name: string) => {
    const character = Object.hasOwn(entities, name) && whole.endsWith(';') ? entities[name] : undefined;
    known &&= character !== undefined;
    return character ?? '';
  });
  return known ? decoded : undefined;
}

/** The full parser gives the root element bare, everything below in lists. */
function flat(root: Open['node']): XmlNode | undefined {
  const [name = ''] = Object.keys(root);
  const [only, second] = root[name] as XmlNode[];
  return second === undefined ? { [name]: only } : undefined;
}
