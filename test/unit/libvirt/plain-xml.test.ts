import { expect, test } from 'vitest';
import { parsePlainXml } from '../../../src/libvirt/plain-xml.ts';
import { parseXml } from '../../../src/libvirt/xml.ts';
import { attribute, child, text } from '../../../src/model/xml.ts';

const parse = (document: string) => parsePlainXml(document, 'metadata');

test('elements, attributes and text, as the full parser reads them', async () => {
  const inside = `<name>a&amp;b &lt;</name><disk type='file'/><disk type='block'/>`;
  const plain = parse(`<domain id='1'>${inside}</domain>`)?.['domain'] as never;
  // A declaration is left to the full parser.
  const full = await parseXml(`<?xml version="1.0"?><domain id='1'>${inside}</domain>`, 'domain', 'x', 'gg');
  expect(text(child(plain, 'name'))).toBe('a&b <');
  expect(text(child(plain, 'name'))).toBe(text(child(full, 'name')));
  expect(attribute(plain, 'id')).toBe(attribute(full, 'id'));
});

test('the warning at the head of status files is skipped', () => {
  expect(parse("\n<!--\nWARNING: <x> -->\n<domstatus state='running'/>")).toHaveProperty('domstatus');
});

test.each([
  ['a declaration', '<?xml version="1.0"?><domain/>'],
  ['a comment inside', '<domain><!-- x --></domain>'],
  ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><domain/>'],
  ['CDATA', '<domain><![CDATA[<x>]]></domain>'],
  ['double quotes', '<domain id="1"/>'],
  ['a prefix outside metadata', '<x:domain/>'],
  ['a namespace', "<domain xmlns='urn:x'/>"],
  ['an entity of its own', '<domain>&x;</domain>'],
  ['an entity by number', '<domain>&#65;</domain>'],
  ['an entity without an end', '<domain>&amp</domain>'],
  ['an attribute twice', "<domain id='1' id='2'/>"],
  ['an end too many', '<domain/></domain>'],
  ['no end', '<domain>'],
  ['another end', '<domain></network>'],
  ['two roots', '<domain/><domain/>'],
  ['text outside', '<domain/>x'],
  ['nothing', ''],
])('%s is left to the full parser', (_, document) => expect(parse(document)).toBeUndefined());

test('what is inside metadata must be sound, and is not kept', () => {
  const wrap = (inside: string) => parse(`<domain><name>a</name><metadata>${inside}</metadata></domain>`);
  const found = wrap(`<app:x xmlns:app="urn:app" id="1"><app:y/></app:x>`)?.['domain'] as never;
  expect(text(child(found, 'name'))).toBe('a');
  expect(child(found, 'metadata')).not.toHaveProperty('app:x');
  expect(wrap('<app:x/>'), 'a prefix that nothing declares').toBeUndefined();
  expect(wrap('<x>'), 'an element without an end').toBeUndefined();
  expect(wrap('<metadata/>'), 'metadata in metadata').toBeUndefined();
});

test('names of properties of every object are elements like any other', () => {
  const node = parse('<domain><constructor>a</constructor><__proto__>b</__proto__></domain>')?.[
    'domain'
  ] as never;
  expect(text(child(node, 'constructor'))).toBe('a');
  expect(text(child(node, '__proto__'))).toBe('b');
});

test('a document that is nested without end is left to the parser, which refuses it', () => {
  expect(parse('<a>'.repeat(300) + '</a>'.repeat(300))).toBeUndefined();
});
