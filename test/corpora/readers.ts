import { parseDomain } from '../../src/libvirt/domain.ts';
import { parseNetworkXml } from '../../src/libvirt/network.ts';
import { parsePlainXml } from '../../src/libvirt/plain-xml.ts';
import { parseXml } from '../../src/libvirt/xml.ts';
import { UserError } from '../../src/model/problem.ts';
import { isNode, type XmlNode } from '../../src/model/xml.ts';

/** What a text is to the readers of libvirt's XML. */
export type Verdict = 'plain' | 'full' | 'refused';

/**
 * Reads a text with both readers.
 *
 * @returns by which of them it is read
 * @throws Error if the plain reader takes a document that the full one refuses or understands otherwise, or if anything
 *   but a UserError comes out of the readers of domains and networks
 */
export async function readTwice(text: string): Promise<Verdict> {
  await expectSound(() => parseDomain('qemu', text, 'guest'));
  await expectSound(() => parseNetworkXml(text, 'a network'));
  const plain = parsePlainXml(text, 'metadata');
  const root = Object.keys(plain ?? {})[0] ?? /<([A-Za-z_][\w.-]*)/.exec(text)?.[1] ?? '';
  const full = await userErrorOr(() => parseXml(text, root, 'a document', ''));
  if (plain === undefined) return full === undefined ? 'refused' : 'full';
  const [one, other] = [plain[root], full].map((node) => JSON.stringify(simplified(node)));
  if (one !== other) throw new Error(`the readers differ:\n${firstDifference(one ?? '', other ?? '')}`);
  return 'plain';
}

async function expectSound(action: () => Promise<unknown>): Promise<void> {
  await userErrorOr(action);
}

async function userErrorOr<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Elements, attributes and texts in one order, without namespaces, and without what the plain reader skips. */
function simplified(node: unknown): unknown {
  if (typeof node === 'string') return node;
  if (!isNode(node)) return undefined;
  const attributes = Object.entries((node['$'] ?? {}) as Record<string, { value: string }>);
  const elements = childElements(node);
  const text = String(node['_'] ?? '');
  return {
    // Between elements libvirt has no text, and the spaces around what a mutant has there mean nothing.
    text: elements.length > 0 ? text.replaceAll(/\s+/g, '') : text,
    attributes: attributes.map(([name, { value }]) => `${name}=${value}`).sort(),
    elements,
  };
}

function childElements(node: XmlNode): unknown[] {
  return Object.entries(node)
    .filter(([name, value]) => Array.isArray(value) && name !== 'metadata')
    .map(([name, value]) => [name, (value as unknown[]).map(simplified)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function firstDifference(plain: string, full: string): string {
  let at = 0;
  while (at < plain.length && plain[at] === full[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 80), at + 80);
  return `plain: ${around(plain)}\nfull:  ${around(full)}`;
}
