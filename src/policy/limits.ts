import type { Limits, Rate } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import { type Place, problemAt } from './validate.ts';

/** What nft and the kernel count with is wider; more than this is no limit. */
const most = 1_000_000;

/** The keys `rate` and `connections` of a forward or an open port. */
export function readLimits(
  written: { readonly rate?: string | undefined; readonly connections?: string | number | undefined },
  place: Place,
  problems: Problem[],
): Limits {
  const rate = written.rate === undefined ? undefined : parseRate(written.rate);
  if (written.rate !== undefined && rate === undefined)
    problems.push(
      problemAt(
        place,
        ['rate'],
        `rate: invalid rate "${written.rate}"`,
        `write "10/second", "100/minute", "1000/hour": from 1 to ${most}`,
      ),
    );
  const connections = written.connections === undefined ? undefined : parseNumber(`${written.connections}`);
  if (written.connections !== undefined && connections === undefined)
    problems.push(
      problemAt(
        place,
        ['connections'],
        `connections: invalid number "${written.connections}"`,
        `write a number from 1 to ${most}; to admit no source: from = []`,
      ),
    );
  return { ...(rate !== undefined && { rate }), ...(connections !== undefined && { connections }) };
}

function parseRate(text: string): Rate | undefined {
  const [, digits = '', per] = /^(\d+)\s*\/\s*(second|minute|hour)$/.exec(text) ?? [];
  const connections = parseNumber(digits);
  return connections === undefined || per === undefined
    ? undefined
    : { connections, per: per as Rate['per'] };
}

function parseNumber(text: string): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= most ? number : undefined;
}
