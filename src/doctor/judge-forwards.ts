import { isOurDecision } from '../explain/our-chains.ts';
import type { Obstacle } from '../explain/traced.ts';
import type { Severity } from '../model/finding.ts';
import type { HostFinding } from './check.ts';
import { describeTargets, describeWhence } from './forward-words.ts';
import type { HostKnowledge } from './host-knowledge.ts';
import { obstacleFault, obstacleKey } from './obstacle-fault.ts';
import type { Target } from './targets.ts';
import type { Tried } from './try-forwards.ts';

/** A finding for each obstacle, with all the connections that it ends. */
export function judgeObstacles(tried: readonly Tried[], host: HostKnowledge): HostFinding[] {
  const met = new Map<string, { obstacle: Obstacle; by: Tried[] }>();
  for (const one of tried)
    for (const obstacle of one.trace.obstacles) {
      if (obstacle.kind === 'chain' && isOurDecision(obstacle)) continue;
      const key = obstacleKey(obstacle);
      const known = met.get(key);
      if (known === undefined) met.set(key, { obstacle, by: [one] });
      else known.by.push(one);
    }
  return [...met.values()].flatMap(({ obstacle, by }) => {
    const fault = obstacleFault(obstacle, describeConnections(by), host);
    return fault === undefined ? [] : [{ ...fault, severity: severityOf(by, tried) }];
  });
}

/** Whether it ends all connections from outside, some of them, or those of the host and of guests alone. */
export function severityOf(ended: readonly Tried[], all: readonly Tried[]): Severity {
  const isOutside = ({ origin, targets }: Tried) => origin.kind === 'outside' || targets.every(isOfHostAlone);
  const outside = all.filter(isOutside);
  const count = ended.filter(isOutside).length;
  if (count === 0) return 'later';
  return count === outside.length ? 'everything' : 'something';
}

function isOfHostAlone({ host }: Target): boolean {
  return host.startsWith('127.');
}

export function describeConnections(tried: readonly Tried[]): string {
  const targets = [...new Set(tried.flatMap((one) => one.targets))];
  return `${describeWhence(tried.map(({ origin }) => origin))} to ${describeTargets(targets)}`;
}
