import { type Problem, quoted } from '../model/problem.ts';
import { suggest } from '../policy/spelling.ts';
import type { JsonNode } from './json-lines.ts';

/** A value of the document and the way to it. */
export interface At {
  readonly node: JsonNode;
  /** `web.port_map.tcp[2]` */
  readonly path: string;
}

/** The member of an object. */
export interface MemberAt extends At {
  readonly name: string;
}

/** Walks through a document, and notes what is wrong with it and what has no counterpart. */
export class HookReader {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  private readonly file: string;
  private readonly warned = new Set<string>();

  constructor(file: string) {
    this.file = file;
  }

  /** @returns nothing, so that a caller can go on without what is wrong */
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
    if (node.kind === 'object') {
      return node.members.map(({ name, node: member }) => ({
        name,
        node: member,
        path: /^[\w-]+$/.test(name) ? `${path}${path === '' ? '' : '.'}${name}` : `${path}[${quoted(name)}]`,
      }));
    }
    this.complain({ node, path }, otherwise);
    return undefined;
  }

  items({ node, path }: At, otherwise: string): At[] | undefined {
    if (node.kind === 'list') {
      return node.items.map((item, index) => ({ node: item, path: `${path}[${index}]` }));
    }
    this.complain({ node, path }, otherwise);
    return undefined;
  }

  /** The texts of a list; or of a text alone, which may hold several with commas between them, as iptables takes them. */
  texts(at: At): { at: At; text: string }[] {
    const items = at.node.kind === 'list' ? (this.items(at, '') ?? []) : [at];
    return items.flatMap((item) => {
      const { node } = item;
      if (node.kind !== 'plain' || typeof node.value !== 'string') {
        return this.complain(item, 'must be a text in quotes');
      }
      const texts = node.value.split(',').map((text) => text.trim());
      return texts.map((text) => ({ at: item, text }));
    });
  }

  /** The hook does not look at keys that it does not know. */
  known(members: readonly MemberAt[], names: readonly string[]): void {
    for (const member of members) {
      if (!names.includes(member.name))
        this.warn(member, 'unknown key, left out', suggest(member.name, names));
    }
  }

  private problem({ node, path }: At, problem: string, hint?: string): Problem {
    return {
      where: `${this.file}:${node.line}`,
      problem: path === '' ? problem : `${path}: ${problem}`,
      ...(hint !== undefined && { hint }),
    };
  }
}
