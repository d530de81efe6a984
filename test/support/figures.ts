import { writeFileSync } from 'node:fs';
import { readRepository, repositoryPath } from './repository.ts';

/**
 * Replaces the part of a document that a measurement writes: between the comments `<!-- NAME -->` and `<!-- end of NAME -->`.
 *
 * @param path of the document, in the repository
 * @throws Error if the document has no such part
 */
export function writeFigures(path: string, name: string, figures: string): void {
  writeFileSync(repositoryPath(path), withFigures(readRepository(path), name, figures));
  console.error(`written to ${path}`);
}

export function withFigures(document: string, name: string, figures: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no part between ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${figures.trim()}\n\n${document.slice(to)}`;
}
