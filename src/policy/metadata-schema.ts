import { metadataNamespace } from '../model/policy.ts';
import { type MetadataElement, vocabulary } from './metadata-vocabulary.ts';

/** The vocabulary of policies in XML as a RELAX NG schema (https://relaxng.org), for editors and `xmllint --relaxng`. */
export function renderMetadataSchema(): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- The policy of a guest in the metadata of its domain's XML. guestgate schema prints it. -->
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="${metadataNamespace}">
  <start><ref name="guest"/></start>
${Object.entries(vocabulary).map(define).join('\n')}
</grammar>
`;
}

function define([name, { attributes, required, children }]: [string, MetadataElement]): string {
  const lines = [
    ...attributes.map((attribute) =>
      attribute === (required ?? (name === 'range' ? 'start' : undefined))
        ? `<attribute name="${attribute}" ns=""/>`
        : `<optional><attribute name="${attribute}" ns=""/></optional>`,
    ),
    ...childrenOf(children),
  ];
  return `  <define name="${name}">
    <element name="${name}">
${lines.map((line) => `      ${line}`).join('\n')}
    </element>
  </define>`;
}

/** Ranges are what an element is for; the elements of a guest come in any order. */
function childrenOf(children: readonly string[]): string[] {
  if (children.length === 0) return ['<empty/>'];
  const references = children.map((child) => `<ref name="${child}"/>`);
  if (children.length === 1) return [`<oneOrMore>${references.join('')}</oneOrMore>`];
  return [`<zeroOrMore><choice>${references.join('')}</choice></zeroOrMore>`];
}
