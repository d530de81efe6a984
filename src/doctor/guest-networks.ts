import { packetOf, somewhere } from '../explain/explain.ts';
import { askHost, readThisHost, rpFilter } from '../explain/known-host.ts';
import { traceBeyond } from '../explain/trace.ts';
import type { Obstacle } from '../explain/traced.ts';
import { type Address, contains, type Family, familyOf, numberedAddress } from '../model/address.ts';
import { quoted } from '../model/problem.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { sysctl } from '../system/host.ts';
import { type HeldAddress, interfaceAddresses } from '../system/uplinks.ts';
import type { Check, HostFinding } from './check.ts';
import type { HostKnowledge } from './host-knowledge.ts';
import { obstacleFault, obstacleKey } from './obstacle-fault.ts';

/** A connection that a network's guests should be able to open. */
export interface NetworkProbe {
  readonly network: string;
  readonly bridge: string;
  /** An address that a guest may have. */
  readonly source: Address;
  readonly address: Address;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly to: 'the outside' | 'the host';
}

/** One connection to the outside for each network that is let out, and one to the host's address on it for its first service. Pure. */
export function networkProbes(networks: HostState['networks'], held: readonly HeldAddress[]): NetworkProbe[] {
  return Object.entries(networks).flatMap(([network, elements]) =>
    elements.flatMap((one): NetworkProbe[] => {
      if (one.kind !== 'routed') return [];
      const { bridge } = one;
      const source = freeAddress(one.network, held);
      if (source === undefined) return [];
      const family = familyOf(source);
      const base = { network, bridge, source };
      if (bridge !== one.interface)
        return [{ ...base, address: somewhere[family], port: 443, protocol: 'tcp', to: 'the outside' }];
      const own = held.find(({ address }) => contains(one.network, address));
      const services = elements.flatMap((found) => (found.kind === 'service' ? [found] : []));
      const service = services.find(
        ({ family: of = 'ip', protocol }) => of === family && protocol !== 'sctp',
      );
      if (own === undefined || service === undefined) return [];
      const { protocol, ports } = service;
      return [
        {
          ...base,
          address: own.address,
          port: ports.first,
          protocol: protocol === 'tcp' ? 'tcp' : 'udp',
          to: 'the host',
        },
      ];
    }),
  );
}

function freeAddress(network: string, held: readonly HeldAddress[]): Address | undefined {
  return [2, 3, 4, 0]
    .map((number) => numberedAddress(network, number))
    .find((address) => address !== undefined && !held.some((one) => one.address === address));
}

/** What ends these connections, each obstacle once. Pure. */
export function judgeNetworks(
  met: readonly { readonly probe: NetworkProbe; readonly obstacles: readonly Obstacle[] }[],
  host: HostKnowledge,
): HostFinding[] {
  const found = new Map<string, HostFinding>();
  for (const { probe, obstacles } of met)
    for (const obstacle of obstacles) {
      const connections = `of guests on network ${quoted(probe.network)} to ${probe.to}`;
      const fault = inFirewalld(obstacle, probe) ?? obstacleFault(obstacle, connections, host);
      const key = `${obstacleKey(obstacle)}\n${connections}`;
      if (fault !== undefined && !found.has(key)) found.set(key, { ...fault, severity: 'something' });
    }
  return [...found.values()];
}

/** firewalld owns its chains; its zone for networks that the host trusts lets their guests out, and reach the host. */
function inFirewalld(
  obstacle: Obstacle,
  { network, bridge, to }: NetworkProbe,
): Omit<HostFinding, 'severity'> | undefined {
  if (obstacle.kind !== 'chain' || !obstacle.chain.startsWith('inet firewalld ')) return undefined;
  return {
    subject: `chain ${obstacle.chain}`,
    problem: `it ends connections of guests on network ${quoted(network)} to ${to}: the zone of ${bridge} does not let them pass`,
    fix: `firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && firewall-cmd --reload`,
  };
}

/** Traces connections of guests on networks that guestgate lets out: filters of nftables and firewalld still count. */
export const guestNetworks: Check = ({ mark, listings }) => {
  const probes = networkProbes(readHostState().networks, interfaceAddresses());
  if (probes.length === 0) return [];
  const families: readonly Family[] = [...new Set(probes.map(({ source }) => familyOf(source)))];
  const known = readThisHost(families, (command) => listings.listNow(command, askHost));
  const met = probes.flatMap((probe) => {
    const facts = known.get(familyOf(probe.source));
    if (facts === undefined) return [];
    const packet = packetOf(probe, probe.source, probe.bridge);
    return [{ probe, obstacles: traceBeyond(packet, facts.rules, facts.host).obstacles }];
  });
  const forwardingIsOff = sysctl('net.ipv4.ip_forward') === '0';
  return judgeNetworks(met, { mark, forwardingIsOff, rpFilter, rulesDiffer: false });
};
