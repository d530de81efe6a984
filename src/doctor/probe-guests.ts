import { askHost } from '../explain/known-host.ts';
import { unresolvedNeighbours } from '../explain/read-host.ts';
import { families, familyOf } from '../model/address.ts';
import { type ProbeResult, probe } from '../system/probe.ts';
import type { DoctorContext } from './check.ts';
import type { Probed } from './guest-firewall.ts';
import type { Surveyed } from './survey.ts';
import type { Target } from './targets.ts';

/** How many ports are tried, side by side: of thousands of ports this is a sample. */
const most = 64;

/**
 * Opens a connection to guests' ports from the host's address on their network, which no rule for forwarded packets
 * restricts, and, where that is answered, from one outside it: a guest that knows only its own network answers the first alone.
 */
export async function probeGuests(
  targets: readonly Target[],
  { survey }: Pick<DoctorContext, 'survey'>,
): Promise<Probed[]> {
  const sockets = new Map(
    targets.map((target) => [`${target.protocol} ${target.address} ${target.to}`, target]),
  );
  const tried = [...sockets.values()].slice(0, most);
  const probed = await Promise.all(tried.map((target) => probeOne(target, survey().get(target.family))));
  const silent = probed.filter(({ result }) => result === 'silent').map(({ address }) => address);
  const away = families
    .filter((family) => silent.some((address) => familyOf(address) === family))
    .map((family) => unresolvedNeighbours(family, askHost));
  return probed.map((one) => {
    // The kernel asks longer for a neighbour than this waits for an answer.
    const isAway = one.result === 'silent' && away.some((vain) => vain.has(one.address));
    return isAway ? { ...one, result: 'unreachable' as const } : one;
  });
}

async function probeOne(target: Target, surveyed: Surveyed | undefined): Promise<Probed> {
  const { guest, address, to: port, protocol } = target;
  const result = await probe(address, port);
  const source = result === 'answered' && protocol === 'tcp' ? distantSource(target, surveyed) : undefined;
  const distant: { source: string; result: ProbeResult } | undefined =
    source === undefined ? undefined : { source, result: await probe(address, port, source) };
  const { name, driver } = guest;
  return { guest: name, driver, address, port, protocol, result, ...(distant !== undefined && { distant }) };
}

/** An address of an uplink, if guests are not on that. */
function distantSource(target: Target, surveyed: Surveyed | undefined): string | undefined {
  if (surveyed === undefined) return undefined;
  const { uplinks, addressesOn, inputOf } = surveyed.sides;
  const towards = inputOf(target.address);
  return uplinks.flatMap((name) => (name === towards ? [] : addressesOn(name)))[0];
}
