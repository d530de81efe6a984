import type { Node } from 'jsonc-parser';
import { type Problem, quoted } from '../model/problem.ts';
import { suggest } from '../policy/spelling.ts';
import { lineAt } from './json-tree.ts';

/** A value of the document and its path. */
export interface At {
  readonly node: Node;
  /** `web.port_map.tcp[2]` */
  readonly path: string;
}

/** The member of an object. */
export interface MemberAt extends At {
  readonly name: string;
}

/** Reads a document, and collects its mistakes and what has no counterpart in a policy. */
export class HookReader {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  private readonly file: string;
  private readonly text: string;
  private readonly warned = new Set<string>();

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** File and line of a value. */
  where({ node }: At): string {
    return `${this.file}:${lineAt(this.text, node.offset)}`;
  }

  /** @returns an empty list, for the caller to return in place of the value */
  complain(at: At, problem: string, hint?: string): never[] {
    this.problems.push(this.problem(at, problem, hint));
    return [];
  }

  warn(at: At, problem: string, hint?: string): void {
    this.warnings.push(this.problem(at, problem, hint));
  }

  /** As `warn`, for a warning that holds for many guests: only the first one gets it. */
  warnOnce(at: At, problem: string): void {
    if (!this.warned.has(problem)) this.warn(at, problem);
    this.warned.add(problem);
  }

  members({ node, path }: At, otherwise: string): MemberAt[] | undefined {
    if (node.type === 'object') {
      return (node.children ?? []).flatMap(({ children: [key, value] = [] }) => {
        if (key === undefined || value === undefined) return [];
        const name = String(key.value);
        return [{ name, node: value, path: pathOf(path, name) }];
      });
    }
    this.complain({ node, path }, otherwise);
    return undefined;
  }

  items({ node, path }: At, otherwise: string): At[] | undefined {
    if (node.type === 'array') {
      return (node.children ?? []).map((item, index) => ({ node: item, path: `${path}[${index}]` }));
    }
    this.complain({ node, path }, otherwise);
    return undefined;
  }

  /** The texts of a list, or of one text; each text may contain several with commas between them, as iptables allows. */
  texts(at: At): { at: At; text: string }[] {
    const items = at.node.type === 'array' ? (this.items(at, '') ?? []) : [at];
    return items.flatMap((item) => {
      const { node } = item;
      if (typeof node.value !== 'string') {
        return this.complain(item, 'must be a text in quotes');
      }
      const texts = node.value.split(',').map((text) => text.trim());
      return texts.map((text) => ({ at: item, text }));
    });
  }

  /** Warns about unknown keys, which the hook ignores. */
  known(members: readonly MemberAt[], names: readonly string[]): void {
    for (const member of members) {
      if (!names.includes(member.name))
        this.warn(member, 'unknown key, left out', suggest(member.name, names));
    }
  }

  private problem(at: At, problem: string, hint?: string): Problem {
    return {
      where: this.where(at),
      problem: at.path === '' ? problem : `${at.path}: ${problem}`,
      ...(hint !== undefined && { hint }),
    };
  }
}

function pathOf(parent: string, name: string): string {
  if (!/^[\w-]+$/.test(name)) return `${parent}[${quoted(name)}]`;
  return parent === '' ? name : `${parent}.${name}`;
}
