import { metadataNamespace } from '../model/policy.ts';

/** The most of an event's XML that is recorded, in characters. */
export const longestXml = 16_384;

/**
 * What is recorded of an event's XML: what guestgate reads of it, and nothing else. Passwords, secrets, command lines and
 * the metadata of other programs are not among these.
 *
 * @returns undefined if it is too long
 */
export function recordedXml(xml: string): string | undefined {
  // Neither is in what libvirt writes, but for metadata; both could hide the end of an element.
  // Where there is none, no expression is compiled: that costs a tenth of a millisecond, and libvirt waits.
  const plain = xml.includes('<!') ? xml.replaceAll(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, '') : xml;
  const start = plain.search(/<domain[\s>]/);
  const end = plain.lastIndexOf('</domain>');
  const reduced =
    start < 0 || end < start
      ? withoutMetadata(plain)
      : withoutMetadata(plain.slice(0, start)) +
        domain(plain.slice(start, end)) +
        withoutMetadata(plain.slice(end + '</domain>'.length));
  return reduced.length > longestXml ? undefined : reduced;
}

/** Of a network, other programs' metadata. */
function withoutMetadata(xml: string): string {
  return xml.includes('<metadata') ? xml.replaceAll(/<metadata[\s>][\s\S]*?<\/metadata>/g, '') : xml;
}

function domain(xml: string): string {
  const [opening = ''] = /^<domain[^>]*>/.exec(xml) ?? [];
  const from = xml.indexOf('<metadata');
  const until = xml.lastIndexOf('</metadata>');
  const hasMetadata = from >= 0 && until > from;
  const head = hasMetadata ? xml.slice(0, from) : xml;
  const devices = hasMetadata ? xml.slice(until) : xml;
  return [
    opening,
    /<name>[^<]*<\/name>/.exec(head)?.[0] ?? '',
    /<uuid>[^<]*<\/uuid>/.exec(head)?.[0] ?? '',
    hasMetadata ? metadata(xml.slice(from, until)) : '',
    '<devices>',
    ...(devices.match(/<interface[\s>][\s\S]*?<\/interface>/g) ?? []),
    '</devices></domain>',
  ].join('');
}

/** The elements of our namespace, whichever prefix it has. */
function metadata(xml: string): string {
  const [opening = ''] = /^<metadata[^>]*>/.exec(xml) ?? [];
  const bound = new RegExp(`xmlns(?::([\\w.-]+))?\\s*=\\s*["']${metadataNamespace}["']`, 'g');
  const prefixes = new Set([...xml.matchAll(bound)].map(([, prefix]) => prefix));
  const elements = [...prefixes].flatMap((prefix) => {
    const name = prefix === undefined ? 'guest' : `${prefix}:guest`;
    return xml.match(new RegExp(`<${name}(\\s[^>]*)?(/>|>[\\s\\S]*?</${name}\\s*>)`, 'g')) ?? [];
  });
  return elements.length === 0 ? '' : `${opening}${elements.join('')}</metadata>`;
}
