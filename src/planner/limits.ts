import type { LimitElement } from '../model/limit-element.ts';
import type { Limits } from '../model/policy.ts';

/** How much a claim, or an open port, may be used. Without a limit no element is needed. */
export function limits(at: LimitElement['at'], { connections, rate }: Limits): LimitElement[] {
  return [
    ...(connections === undefined ? [] : [{ kind: 'connection-limit' as const, at, connections }]),
    ...(rate === undefined ? [] : [{ kind: 'rate-limit' as const, at, rate }]),
  ];
}
