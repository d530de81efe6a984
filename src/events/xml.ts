import { Parser } from 'xml2js';
import { maximumInput, UserError } from '../model/problem.ts';
import { isNode, type XmlNode } from '../model/xml.ts';

/**
 * Parses a document with namespaces. Entities other than XML's own five are errors, so nothing can be
 * made to grow.
 *
 * @param what what the text should be, for the message: `the domain XML of "web"`
 * @throws UserError if the text is empty, too long, not well formed or of another root element
 */
export function parseXml(text: string, root: string, what: string): XmlNode {
  if (text.length > maximumInput) {
    throw new UserError(
      `reading ${what}: ${Math.round(text.length / 1e6)} MB is more than libvirt ever sends (4 MiB)`,
    );
  }
  if (text.trim() === '') throw new UserError(`reading ${what}: it is empty`);
  const document = parseWellFormed(text, what);
  const found = document?.[root];
  if (!isNode(found)) {
    throw new UserError(
      `reading ${what}: its root element is <${Object.keys(document ?? {})[0] ?? ''}>, not <${root}>`,
    );
  }
  return found;
}

function parseWellFormed(text: string, what: string): XmlNode | undefined {
  let document: XmlNode | undefined;
  let failure: Error | undefined;
  try {
    new Parser({ xmlns: true, async: false }).parseString(text, (error: Error | null, result: XmlNode) => {
      failure ??= error ?? undefined;
      document = result;
    });
  } catch (error) {
    failure ??= error as Error;
  }
  if (failure === undefined) return document ?? undefined;
  const [message = '', line = ''] = failure.message.split('\n');
  throw new UserError(
    `reading ${what}: not well-formed XML: ${message}${line.replace('Line: ', ' in line ')}`,
    {
      cause: failure,
    },
  );
}
