import { expect, test } from 'vitest';
import { parsePlainXml } from '../../../src/libvirt/plain-xml.ts';
import { parseXml } from '../../../src/libvirt/xml.ts';
import {
  attribute,
  attributeNames,
  child,
  children,
  childrenOf,
  childrenOutside,
  text,
  type XmlNode,
} from '../../../src/model/xml.ts';

const document = `<d><a n='1'/><a n='2'>x<b/>y</a><m><!-- for the parser --><g:p xmlns:g='urn:1' g:q='3' r='4'/><p/></m></d>`;
const root = await parseXml(document, 'd', 'a test', '<m>');

test('elements by name, the first one, and none', () => {
  expect(children(root, 'a').map((node) => attribute(node, 'n'))).toEqual(['1', '2']);
  expect(attribute(child(root, 'a'), 'n')).toBe('1');
  expect(children(root, 'b')).toEqual([]);
  expect([child(undefined, 'a'), attribute(undefined, 'n'), text(undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('an element of a namespace is found by its local name, whatever its prefix', () => {
  const found = childrenOf(child(root, 'm'), 'urn:1');
  expect(found.map(({ name }) => name)).toEqual(['p']);
  expect(childrenOf(child(root, 'm'), 'urn:2')).toEqual([]);
  expect(childrenOutside(child(root, 'm'), 'urn:1')).toEqual(['p']);
});

test('a declaration of a namespace is no attribute', () => {
  const [found] = childrenOf(child(root, 'm'), 'urn:1');
  expect(attributeNames(found?.node as XmlNode)).toEqual(['g:q', 'r']);
});

test('a text is what is between the tags; an attribute named like the parser’s own keys is one', () => {
  const plain = parsePlainXml(`<d><t>a &lt; b</t><e _='x' constructor='y'/></d>`, 'metadata')?.[
    'd'
  ] as XmlNode;
  expect(text(child(plain, 't'))).toBe('a < b');
  expect(text(child(plain, 'e'))).toBeUndefined();
  expect(['_', 'constructor', 'toString'].map((name) => attribute(child(plain, 'e'), name))).toEqual([
    'x',
    'y',
    undefined,
  ]);
});
