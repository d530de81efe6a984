import { rpFilter } from '../explain/known-host.ts';
import { counted } from '../model/counted.ts';
import { sysctl } from '../system/host.ts';
import type { Check, HostFinding } from './check.ts';
import { judgeObstacles } from './judge-forwards.ts';
import { judgeRoutes } from './judge-routes.ts';
import { judgeTranslations } from './judge-translations.ts';

/** Asks `explain` about every forward, from each side of the host, and names what ends the way of its packets. */
export const forwards: Check = async ({ tried: attempt, checked, mark, survey }) => {
  // It lists guestgate's own rules, which are not listed again for the traces.
  const { differences, blocked } = await checked();
  const { tried, leftOut } = attempt();
  const knowledge = {
    mark,
    forwardingIsOff: sysctl('net.ipv4.ip_forward') === '0',
    rpFilter,
    rulesDiffer: differences.length > 0,
  };
  const uplinks = [...survey().values()].flatMap(({ sides }) => sides.uplinks);
  const astray = judgeRoutes(tried, uplinks);
  // A route that leads elsewhere follows from a bridge that is down.
  const down = new Set(blocked.flatMap(({ kind, subject }) => (kind === 'link' ? [subject] : [])));
  return [
    ...judgeObstacles(tried, knowledge),
    ...astray.filter(({ subject }) => !down.has(subject)),
    ...judgeTranslations(tried, knowledge),
    ...(leftOut === 0 ? [] : [notTried(leftOut)]),
  ];
};

function notTried(leftOut: number): HostFinding {
  return {
    severity: 'later',
    subject: 'doctor',
    problem: `the host's rules tell so many forwards apart that ${counted(leftOut, 'group')} of them were not traced`,
    fix: 'guestgate explain ADDRESS:PORT',
  };
}
