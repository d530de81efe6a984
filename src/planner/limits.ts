import type { LimitElement } from '../model/element.ts';
import type { Limits } from '../model/policy.ts';

/** How much what is claimed, or open, may be used; nothing where that is as much as anybody likes. */
export function limits(at: LimitElement['at'], { connections, rate }: Limits): LimitElement[] {
  return [
    ...(connections === undefined ? [] : [{ kind: 'connection-limit' as const, at, connections }]),
    ...(rate === undefined ? [] : [{ kind: 'rate-limit' as const, at, rate }]),
  ];
}
