/** A value of a JSON text, and the line (from 1) that it begins on. */
export type JsonNode =
  | { readonly kind: 'object'; readonly line: number; readonly members: readonly JsonMember[] }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly JsonNode[] }
  | { readonly kind: 'plain'; readonly line: number; readonly value: string | number | boolean | null };

export interface JsonMember {
  readonly name: string;
  readonly node: JsonNode;
}

/** Where a text is no JSON, and why. */
export interface JsonMistake {
  readonly line: number;
  readonly mistake: string;
}

/** Deeper than this nobody writes by hand, and the stack would end some day. */
const deepest = 100;

/** JSON with comments in both styles of JavaScript. A name that stands twice in an object is there twice. */
export function parseJson(text: string): JsonNode | JsonMistake {
  try {
    const tokens = tokenize(text);
    const reader = new JsonReader(tokens);
    const node = reader.value(0);
    reader.expect('the end');
    return node;
  } catch (error) {
    if (error instanceof Mistake) return { line: error.line, mistake: error.message };
    throw error;
  }
}

export function isMistake(parsed: JsonNode | JsonMistake): parsed is JsonMistake {
  return 'mistake' in parsed;
}

/** Ends the reading; caught above. */
class Mistake extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

interface Token {
  readonly line: number;
  readonly text: string;
}

const space = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const token = /"(?:[^"\\\n]|\\.)*"|-?\d[\w.+-]*|[A-Za-z]\w*|[{}[\],:]/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let [position, line] = [text.startsWith('\ufeff') ? 1 : 0, 1];
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = position;
    const taken = pattern.exec(text)?.[0] ?? '';
    position += taken.length;
    return taken;
  };
  while (true) {
    line += take(space).split('\n').length - 1;
    if (position >= text.length) return [...tokens, { line, text: 'the end' }];
    const found = take(token);
    if (found === '') throw new Mistake(line, `unexpected ${JSON.stringify(text[position])}`);
    tokens.push({ line, text: found });
  }
}

class JsonReader {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  value(depth: number): JsonNode {
    const { line, text } = this.next();
    if (depth > deepest) throw new Mistake(line, `more than ${deepest} values inside one another`);
    if (text === '{') return { kind: 'object', line, members: this.sequence('}', () => this.member(depth)) };
    if (text === '[') return { kind: 'list', line, items: this.sequence(']', () => this.value(depth + 1)) };
    return { kind: 'plain', line, value: plain(line, text) };
  }

  expect(text: string): void {
    const found = this.next();
    if (found.text !== text) throw new Mistake(found.line, `${text} expected, not ${found.text}`);
  }

  private member(depth: number): JsonMember {
    const { line, text } = this.next();
    if (!text.startsWith('"')) throw new Mistake(line, `a name in double quotes expected, not ${text}`);
    this.expect(':');
    return { name: String(plain(line, text)), node: this.value(depth + 1) };
  }

  private sequence<T>(closing: string, read: () => T): T[] {
    const found: T[] = [];
    if (this.peek() === closing) this.next();
    else {
      do found.push(read());
      while (this.peek() === ',' && this.next());
      this.expect(closing);
    }
    return found;
  }

  private peek(): string | undefined {
    return this.tokens[this.position]?.text;
  }

  private next(): Token {
    const found = this.tokens[this.position] ?? (this.tokens.at(-1) as Token);
    this.position++;
    return found;
  }
}

function plain(line: number, text: string): string | number | boolean | null {
  try {
    return JSON.parse(text) as string | number | boolean | null;
  } catch {
    throw new Mistake(line, `unexpected ${text}`);
  }
}
