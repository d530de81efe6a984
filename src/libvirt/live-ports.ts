/**
 * The ports on the host (`<target dev=>`) of the interfaces in a domain's status file, in its order. A look at the text alone, without
 * parsing it: who plans from it reads it whole. Pure.
 */
export function livePorts(xml: string): string[] {
  const interfaces = xml.match(/<interface[\s>][\s\S]*?<\/interface>/g) ?? [];
  return interfaces.map((text) => /<target\s[^>]*\bdev=['"]([^'"]*)['"]/.exec(text)?.[1] ?? '');
}
