import { displayWidth } from './output.ts';

/** Where a command's output goes: colours and widths are for terminals alone. */
export interface Screen {
  readonly colours: boolean;
  /** In columns; undefined: lines are as long as they are. */
  readonly width?: number;
}

/** A pipe or a file: as it is. */
export const plain: Screen = { colours: false };

/** @param environment NO_COLOR (https://no-color.org) and TERM=dumb take the colours away */
export function screenOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: NodeJS.ProcessEnv = process.env,
): Screen {
  if (stream.isTTY !== true) return plain;
  const colours = !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  return { colours, width: Math.max(40, stream.columns ?? 80) };
}

/** SGR parameters of ECMA-48. */
const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Colour = keyof typeof codes;

/** @param text without control characters: it is not escaped after this */
export function paint(screen: Screen, colour: Colour | undefined, text: string): string {
  return colour === undefined || text === '' || !screen.colours
    ? text
    : `\u001b[${codes[colour]}m${text}\u001b[0m`;
}

/** A line that is too long for the screen ends in `…`. */
export function shorten({ width }: Screen, line: string): string {
  if (width === undefined || displayWidth(line) <= width) return line;
  let shown = '';
  for (const character of line) {
    if (displayWidth(shown + character) > width - 1) break;
    shown += character;
  }
  return `${shown}…`;
}
