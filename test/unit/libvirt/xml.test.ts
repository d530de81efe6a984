import { expect, test } from 'vitest';
import { parseXml } from '../../../src/libvirt/xml.ts';
import { maximumInput } from '../../../src/model/problem.ts';
import { child, text } from '../../../src/model/xml.ts';

const parse = (document: string, matters = 'urn:guestgate:1') =>
  parseXml(document, 'domain', 'the XML of "web"', matters);

test('a plain document and one of another kind', async () => {
  for (const document of [
    '<domain><name>a</name></domain>',
    '<?xml version="1.0"?><domain><name>a</name></domain>',
  ])
    expect(text(child(await parse(document), 'name'))).toBe('a');
});

test('metadata is kept only where it matters', async () => {
  const document = `<domain><metadata><gg:guest xmlns:gg="urn:guestgate:1"/></metadata></domain>`;
  expect(child(await parse(document), 'metadata')).toHaveProperty('gg:guest');
  expect(child(await parse(document, 'urn:other'), 'metadata')).not.toHaveProperty('gg:guest');
});

test.each([
  ['', /it is empty$/],
  [' \n', /it is empty$/],
  ['<network/>', /its root element is <network>, not <domain>/],
  ['<domain>', /not well-formed XML: .* in line 0/],
  ['<domain>&x;</domain>', /not well-formed XML: Invalid character entity/],
  ['<domain a="1" a="2">', /not well-formed XML/],
  ['no XML', /not well-formed XML/],
  ['<x:domain/>', /not well-formed XML: Unbound namespace prefix/],
])('%j is refused', async (document, message) => {
  await expect(parse(document)).rejects.toThrow(message);
  await expect(parse(document)).rejects.toThrow(/^reading the XML of "web": /);
});

test('a document that grows by its own entities is refused', async () => {
  const bomb = `<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><domain>&b;</domain>`;
  await expect(parse(bomb)).rejects.toThrow('not well-formed');
});

test('what would take longer than libvirt waits: depth, attributes, length', async () => {
  await expect(parse(`<?x?>${'<a>'.repeat(5000)}`)).rejects.toThrow(
    'more than 256 elements inside one another',
  );
  const many = Array.from({ length: 9000 }, (_, index) => `a${index}="1"`).join(' ');
  await expect(parse(`<domain ${many}/>`)).rejects.toThrow('more than 1000 attributes');
  await expect(parse(' '.repeat(maximumInput + 1))).rejects.toThrow('more than libvirt ever sends');
});
