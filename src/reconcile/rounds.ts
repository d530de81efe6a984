import type { Request } from './request.ts';
import { nameOf } from './request-name.ts';

/** Requests for one transaction, and those that wait for the one after it. */
export interface Rounds {
  readonly now: readonly Request[];
  readonly later: readonly Request[];
}

/**
 * A guest's own start or end says all about it: of several requests, what came before does not count. Any other request (an
 * interface, a lease, a command) changes what the earlier ones leave, and needs the record that they write: it waits for
 * their transaction, and is then planned again. Pure.
 *
 * @param requests in order of arrival
 */
export function splitIntoRounds(requests: readonly Request[]): Rounds {
  const now: Request[] = [];
  const later: Request[] = [];
  const lastStarts = new Map(
    requests.flatMap((request, at) => (saysAll(request) ? [[nameOf(request), at] as const] : [])),
  );
  const begun = new Set<string>();
  for (const [at, request] of requests.entries()) {
    const name = nameOf(request);
    const last = lastStarts.get(name) ?? -1;
    const isFirst = at <= last || !begun.has(name);
    (isFirst ? now : later).push(request);
    begun.add(name);
  }
  return { now, later };
}

function saysAll(request: Request): boolean {
  switch (request.kind) {
    case 'apply':
      return request.cause === 'start';
    case 'remove':
      return request.premise === undefined;
    case 'refresh':
      return false;
  }
}
