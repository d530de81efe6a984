import { aboutGuest } from '../model/finding.ts';
import type { Flow } from '../model/flow.ts';
import { protocolNumbers } from '../model/protocol-number.ts';
import type { HostFinding } from './check.ts';
import { consoleOf, describePort } from './guest-firewall.ts';
import type { Target } from './targets.ts';

/** How many clients a finding names. */
const shown = 3;

/**
 * Connections that connection tracking holds, that guestgate sent to a guest, and that the guest answered none of. Those that it
 * answered show that it can.
 */
export function judgeFlows(targets: readonly Target[], flows: readonly Flow[]): HostFinding[] {
  const byGoal = new Map<string, Flow[]>();
  for (const flow of flows) {
    const key = goalOf(flow.protocol, flow.reply.source, flow.reply.sourcePort);
    byGoal.set(key, [...(byGoal.get(key) ?? []), flow]);
  }
  const goals = new Map(targets.map((target) => [goalOfTarget(target), target]));
  return [...goals].flatMap(([goal, target]): HostFinding[] => {
    const own = byGoal.get(goal) ?? [];
    if (own.length === 0 || own.some(({ answered }) => answered)) return [];
    const clients = [...new Set(own.map(({ original }) => original.source))];
    const more = clients.length > shown ? ` and ${clients.length - shown} more` : '';
    const { guest, address, to: port, protocol } = target;
    const where = describePort({ address, port, protocol });
    return [
      {
        severity: 'something',
        subject: aboutGuest(guest),
        problem: `${where} has not answered ${clients.slice(0, shown).join(', ')}${more}, whose packets this host passed on: no program listens there, the guest's own firewall drops them, or it has no default route through this host`,
        advice: `in the guest: ss -l${protocol === 'udp' ? 'u' : 't'}n; ip route; nft list ruleset`,
        fix: consoleOf(guest.driver, guest.name),
      },
    ];
  });
}

/** Whether a flow was translated to, or is one to, any of the targets. @returns the test */
export function towards(targets: readonly Target[]): (flow: Flow) => boolean {
  const goals = new Set(targets.map(goalOfTarget));
  return ({ protocol, original, reply }) =>
    original.destination !== reply.source && goals.has(goalOf(protocol, reply.source, reply.sourcePort));
}

function goalOfTarget({ protocol, address, to }: Target): string {
  return goalOf(protocolNumbers[protocol] ?? 0, address, to);
}

function goalOf(protocol: number, address: string, port: number | undefined): string {
  return `${protocol} ${address} ${port}`;
}
