import type { Limits } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import type { Rate } from '../model/rate.ts';
import { type Place, problemAt } from './validate.ts';

/** What nft and the kernel count with is wider; more than this is no limit. */
const most = 1_000_000;

/** The keys `rate` and `connections` of a forward or an open port. */
export function readLimits(
  written: { readonly rate?: string | undefined; readonly connections?: string | number | undefined },
  place: Place,
  problems: Problem[],
): Limits {
  const rate = readRate('rate', written.rate, place, problems);
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

/** A key's rate; reports an invalid one. */
export function readRate(
  key: string,
  written: string | undefined,
  place: Place,
  problems: Problem[],
): Rate | undefined {
  const rate = written === undefined ? undefined : parseRate(written);
  if (written !== undefined && rate === undefined)
    problems.push(
      problemAt(
        place,
        [key],
        `${key}: invalid rate "${written}"`,
        `write "10/second", "100/minute", "1000/hour": from 1 to ${most}`,
      ),
    );
  return rate;
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
