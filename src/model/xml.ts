/** An element of a parsed document: as xml2js builds it, to be read through the functions below only. */
export interface XmlNode {
  readonly [key: string]: unknown;
}

/** The child elements of that name, in libvirt's own (no) namespace. */
export function children(node: XmlNode | undefined, name: string): XmlNode[] {
  const found = node?.[name];
  return Array.isArray(found) ? found.filter(isNode) : [];
}

export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return children(node, name)[0];
}

/** The child elements of a namespace, whatever prefix the document gave it, with their local names. */
export function childrenOf(node: XmlNode | undefined, namespace: string): { name: string; node: XmlNode }[] {
  const found: { name: string; node: XmlNode }[] = [];
  for (const value of Object.values(node ?? {})) {
    if (!Array.isArray(value)) continue;
    for (const candidate of value.filter(isNode)) {
      const { uri, local } = (candidate['$ns'] ?? {}) as { uri?: string; local?: string };
      if (uri === namespace && local !== undefined) found.push({ name: local, node: candidate });
    }
  }
  return found;
}

/** The names of the child elements that are not of a namespace. */
export function childrenOutside(node: XmlNode | undefined, namespace: string): string[] {
  return Object.entries(node ?? {}).flatMap(([name, value]) => {
    const candidates = Array.isArray(value) ? value.filter(isNode) : [];
    return candidates.some((one) => (one['$ns'] as { uri?: string } | undefined)?.uri !== namespace)
      ? [name]
      : [];
  });
}

export function attribute(node: XmlNode | undefined, name: string): string | undefined {
  const attributes = node?.['$'] as Record<string, { value?: unknown }> | undefined;
  const value = attributes?.[name]?.value;
  return typeof value === 'string' ? value : undefined;
}

export function attributeNames(node: XmlNode): string[] {
  const attributes = (node['$'] ?? {}) as Record<string, { prefix?: string }>;
  return Object.keys(attributes).filter((name) => name !== 'xmlns' && attributes[name]?.prefix !== 'xmlns');
}

/** The text between an element's tags, unchanged. */
export function text(node: XmlNode | undefined): string | undefined {
  const value = node?.['_'];
  return typeof value === 'string' ? value : undefined;
}

export function isNode(value: unknown): value is XmlNode {
  return typeof value === 'object' && value !== null;
}
