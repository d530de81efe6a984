import { type Address, type Family, parseAddress } from '../model/address.ts';
import { readProgramJson } from '../model/program-output.ts';
import { versionOf } from './ask-ip.ts';
import { tryListing } from './listing.ts';

/** A question for ip-route(8): the way to an address, or that of a packet which comes from one and arrives on an interface. */
export interface RouteQuestion {
  readonly to: Address;
  readonly from?: Address;
  readonly through?: string;
  /** The packet's mark. */
  readonly mark?: number;
}

/** @returns the interface that the kernel would send such a packet out by; undefined: it has no route, or one that refuses */
export type RouteAnswers = (question: RouteQuestion) => string | undefined;

/** Routes that lead nowhere (ip-route(8), TYPE). */
const refusals: readonly string[] = ['unreachable', 'blackhole', 'prohibit'];

interface ListedAnswer {
  readonly dst: string;
  readonly from?: string;
  readonly iif?: string;
  readonly mark?: number;
  readonly dev?: string;
  readonly type?: string;
}

/** Asks all questions with one program: thousands of guests would need thousands. @throws CommandError */
export function askRoutes(family: Family, questions: readonly RouteQuestion[]): RouteAnswers {
  if (questions.length === 0) return () => undefined;
  // A question without a route fails, and so does the batch; the other answers are there all the same.
  const script = `ip ${versionOf(family)} -j -force -batch - 2>/dev/null; exit 0`;
  const command = { program: 'sh', args: ['-c', script], input: questions.map(asLine).join('') };
  return parseAnswers(tryListing(command) ?? '');
}

function asLine({ to, from, through, mark }: RouteQuestion): string {
  const words = [
    ...(from === undefined ? [] : ['from', from]),
    ...(through === undefined ? [] : ['iif', through]),
    ...(mark === undefined ? [] : ['mark', mark]),
  ];
  return `route get ${[to, ...words].join(' ')}\n`;
}

/** A line for each question that has a route, each a list of one. */
export function parseAnswers(text: string): RouteAnswers {
  const answers = new Map<string, string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [answer] = readProgramJson(line, { program: 'ip', args: ['route', 'get'] }, (value) => {
      if (!Array.isArray(value)) throw new TypeError('no array');
      return value as ListedAnswer[];
    });
    if (answer?.dev === undefined || refusals.includes(answer.type ?? '')) continue;
    const { dst, from, iif, mark, dev } = answer;
    answers.set(keyOf(parseAddress(dst) ?? dst, from, iif, mark), dev);
  }
  return ({ to, from, through, mark }) => answers.get(keyOf(to, from, through, mark));
}

/** ip does not show the mark 0, which packets without one have; in IPv6 it shows `from ::` where none was asked for. */
function keyOf(to: string, from?: string, through?: string, mark?: number): string {
  return [to, from === '::' ? undefined : from, through, mark === 0 ? undefined : mark].join(' ');
}
