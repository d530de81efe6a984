import { readFlows } from '../system/flows.ts';
import type { Check } from './check.ts';
import { describePort, isFaulty, judgeProbes } from './guest-firewall.ts';
import { probeGuests } from './probe-guests.ts';
import { judgeFlows, towards } from './unanswered.ts';

/**
 * Whether guests answer: the host itself, and clients, as connection tracking has it. A guest whose packets the host itself
 * drops cannot be asked, which is the finding of another check.
 */
export const guestAnswers: Check = async (context) => {
  const all = context.targets();
  const isMeant = towards(all);
  const families = [...new Set(all.map(({ family }) => family))];
  // Before the probes, which are connections, too.
  const flows = families.flatMap((family) => readFlows(family, isMeant) ?? []);
  const uplinks = new Set([...context.survey().values()].flatMap(({ sides }) => sides.uplinks));
  const unreached = new Set(
    context
      .tried()
      .tried.flatMap(({ origin, trace, targets }) =>
        origin.kind === 'host' && (trace.obstacles.length > 0 || uplinks.has(trace.output ?? ''))
          ? targets.map(({ address }) => address)
          : [],
      ),
  );
  const asked = all.filter(({ address, isOpen }) => !unreached.has(address) && isOpen !== true);
  const probed = await probeGuests(asked, context);
  const faulty = new Set(probed.filter(isFaulty).map(describePort));
  const others = asked.filter(
    ({ address, to: port, protocol }) => !faulty.has(describePort({ address, port, protocol })),
  );
  return [...judgeProbes(probed), ...judgeFlows(others, flows)];
};
