import { maximumInput, UserError } from '../model/problem.ts';
import { isNode, type XmlNode } from '../model/xml.ts';
import { parsePlainXml } from './plain-xml.ts';

/**
 * Parses a document with namespaces. Entities other than XML's own five are errors, so nothing can be
 * made to grow.
 *
 * @param what what the text should be, for the message: `the domain XML of "web"`
 * @param matters what makes the inside of `<metadata>` worth reading: if the text holds it
 * @throws UserError if the text is empty, too long, not well formed or of another root element
 */
export async function parseXml(text: string, root: string, what: string, matters: string): Promise<XmlNode> {
  if (text.length > maximumInput) {
    throw new UserError(
      `reading ${what}: ${Math.round(text.length / 1e6)} MB is more than libvirt ever sends (4 MiB)`,
    );
  }
  if (text.trim() === '') throw new UserError(`reading ${what}: it is empty`);
  const plain = text.includes(matters) ? undefined : parsePlainXml(text, 'metadata');
  const document = plain ?? (await parseWellFormed(text, what));
  const found = document?.[root];
  if (!isNode(found)) {
    const other = Object.keys(document ?? {})[0] ?? '';
    throw new UserError(`reading ${what}: its root element is <${other}>, not <${root}>`);
  }
  return found;
}

/** How deep elements may be nested: libxml2, and so libvirt, accepts no more. */
const deepest = 256;

/** How many attributes an element may have: the parser compares each with all before it. */
const mostAttributes = 1000;

/** How many characters are parsed before depth and attributes are looked at. */
const step = 4096;

/** What is used of the parser below xml2js (sax-js). */
interface SaxParser {
  readonly tags: readonly unknown[];
  readonly attribList: readonly unknown[];
  readonly write: (text: string) => void;
  readonly close: () => void;
}

async function parseWellFormed(text: string, what: string): Promise<XmlNode | undefined> {
  const { Parser } = await import('xml2js');
  let document: XmlNode | undefined;
  let failure: Error | undefined;
  const parser = new Parser({ xmlns: true });
  parser.on('end', (result: XmlNode | null) => {
    document = result ?? undefined;
  });
  parser.on('error', (error: Error) => {
    failure ??= error;
  });
  const { saxParser: sax } = parser as unknown as { saxParser: SaxParser };
  try {
    for (let at = 0; at < text.length && failure === undefined; at += step) {
      sax.write(text.slice(at, at + step));
      failure ??= excess(sax);
    }
    if (failure === undefined) sax.close();
  } catch (error) {
    failure ??= error as Error;
  }
  if (failure === undefined) return document;
  const [message = '', line = ''] = failure.message.split('\n');
  const where = line.replace('Line: ', ' in line ');
  throw new UserError(`reading ${what}: not well-formed XML: ${message}${where}`, { cause: failure });
}

/** What would take the parser longer than libvirt waits. */
function excess({ tags, attribList }: SaxParser): Error | undefined {
  if (tags.length > deepest) return new Error(`more than ${deepest} elements inside one another`);
  return attribList.length > mostAttributes
    ? new Error(`more than ${mostAttributes} attributes of one element`)
    : undefined;
}
