import { readThisHost, rpFilter } from '../explain/known-host.ts';
import type { Family } from '../model/address.ts';
import { hasProgram, sysctl } from '../system/host.ts';
import type { Check, DoctorContext, HostFinding } from './check.ts';
import { judgeObstacles } from './judge-forwards.ts';
import { judgeTranslations } from './judge-translations.ts';
import { readSides, type Surveyed } from './read-sides.ts';
import { targetsOf } from './targets.ts';
import { tryForwards } from './try-forwards.ts';

/** Asks `explain` about every forward, from each side of the host, and names what ends the way of its packets. */
export const forwards: Check = async (context) => {
  const targets = targetsOf(context.records);
  if (targets.length === 0 || !hasProgram('nft', 'iptables-save')) return [];
  const { tried, leftOut } = tryForwards(
    targets,
    survey([...new Set(targets.map(({ family }) => family))], context),
  );
  const { differences } = await context.checked();
  const knowledge = {
    mark: context.mark,
    forwardingIsOff: sysctl('net.ipv4.ip_forward') === '0',
    rpFilter,
    rulesDiffer: differences.length > 0,
  };
  return [
    ...judgeObstacles(tried, knowledge),
    ...judgeTranslations(tried, knowledge),
    ...(leftOut === 0 ? [] : [notTried(leftOut)]),
  ];
};

function survey(families: readonly Family[], context: DoctorContext): ReadonlyMap<Family, Surveyed> {
  const host = readThisHost(families);
  return new Map([...host].map(([family, facts]) => [family, { ...facts, ...readSides(family, context) }]));
}

function notTried(leftOut: number): HostFinding {
  return {
    severity: 'later',
    subject: 'doctor',
    problem: `the host's rules tell so many forwards apart that ${leftOut} groups of them were not traced`,
    fix: 'guestgate explain ADDRESS:PORT',
  };
}
