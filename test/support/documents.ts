import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What users and contributors read. A folder stands for all files in it. */
const places = ['README.md', 'ARCHITECTURE.md', 'docs', 'pkg/man'];

export interface Document {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

/** A piece of code in a Markdown text: a span, a line of an indented or fenced block, or a whole fenced block of a language. */
export interface Code {
  readonly path: string;
  readonly kind: 'span' | 'line' | 'block';
  readonly language: string;
  readonly text: string;
}

export function readDocuments(): Document[] {
  return places
    .flatMap((place) => (/\.\w+$/.test(place) ? [place] : filesOf(place)))
    .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }));
}

function filesOf(folder: string): string[] {
  return readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(repository.length))
    .sort();
}

export function codeOf({ path, text }: Document): Code[] {
  const found: Code[] = [];
  const rest = text.replaceAll(/^```(\w*)\n([\s\S]*?)^```$/gm, (_, language: string, body: string) => {
    found.push({ path, kind: 'block', language, text: body });
    for (const line of body.split('\n')) found.push({ path, kind: 'line', language, text: line });
    return '';
  });
  for (const line of rest.split('\n')) {
    if (/^ {4}/.test(line)) found.push({ path, kind: 'line', language: '', text: line.trim() });
    else
      for (const [, span = ''] of line.matchAll(/`([^`]+)`/g))
        found.push({ path, kind: 'span', language: '', text: span });
  }
  return found;
}

/** Links to files of the repository that do not exist, or to headings that they do not have. */
export function brokenLinks({ path, text }: Document): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [file = '', heading] = link.split('#');
      const target = file === '' ? join(repository, path) : join(repository, dirname(path), file);
      if (!existsSync(target)) return true;
      return heading !== undefined && !headingsOf(readFileSync(target, 'utf8')).includes(heading);
    })
    .map((link) => `${path}: ${link}`);
}

/** As GitHub names them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
