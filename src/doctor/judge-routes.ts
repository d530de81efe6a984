import type { HostFinding } from './check.ts';
import { describeConnections, severityOf } from './judge-forwards.ts';
import type { Target } from './targets.ts';
import type { Tried } from './try-forwards.ts';

/**
 * Packets that reach a guest's address and leave by another interface than the guest's: its bridge is down, or has lost its
 * address, and the default route takes them.
 */
export function judgeRoutes(tried: readonly Tried[], uplinks: readonly string[]): HostFinding[] {
  const astray = new Map<string, { target: Target; output: string; by: Tried[] }>();
  for (const one of tried) {
    const [target] = one.targets;
    const { output, destination } = one.trace;
    const bridges = target === undefined ? [] : interfacesOf(target);
    if (target === undefined || output === undefined || destination !== target.address) continue;
    if (bridges.length === 0 || bridges.includes(output) || !uplinks.includes(output)) continue;
    const key = `${bridges.join(' ')} ${output}`;
    const known = astray.get(key);
    if (known === undefined) astray.set(key, { target, output, by: [one] });
    else known.by.push(one);
  }
  return [...astray.values()].map(({ target, output, by }) => {
    const [bridge = ''] = interfacesOf(target);
    return {
      severity: severityOf(by, tried),
      subject: `bridge ${bridge}`,
      problem: `the route to ${target.address} leads out through ${output}, not through ${bridge}, which is down or has lost its address: connections ${describeConnections(by)} leave the host`,
      fix: `ip link set ${bridge} up; ip -br address show ${bridge}; ip route get ${target.address}`,
    };
  });
}

function interfacesOf({ guest }: Target): string[] {
  return guest.nics.flatMap(({ bridge, tap }) => bridge ?? tap ?? []);
}
