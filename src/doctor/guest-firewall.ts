import type { Address } from '../model/address.ts';
import type { GuestDriver } from '../model/guest.ts';
import type { Protocol } from '../model/port.ts';
import { shellWord } from '../model/shell-word.ts';
import type { ProbeResult } from '../system/probe.ts';
import type { HostFinding } from './check.ts';
import { virshOf } from './guests-of.ts';

/** A guest's port, and the answers of the guest to the host itself. */
export interface Probed {
  readonly guest: string;
  readonly driver: GuestDriver;
  readonly address: Address;
  readonly port: number;
  /** Of another than tcp the port itself cannot be asked: only whether any guest has the address. */
  readonly protocol: Protocol;
  /** The answer to the host's address on the guest's network. */
  readonly result: ProbeResult;
  /** The answer to an address of the host's outside that network. */
  readonly distant?: { readonly source: Address; readonly result: ProbeResult };
}

export function judgeProbes(probes: readonly Probed[]): HostFinding[] {
  return probes.flatMap((probed): HostFinding[] => {
    const meaning = meaningOf(probed);
    if (meaning === undefined) return [];
    const { guest, driver } = probed;
    return [
      {
        severity: 'something',
        subject: { guest: { driver, name: guest } },
        problem: `${describePort(probed)} ${meaning.problem}`,
        advice: meaning.advice,
        fix: consoleOf(driver, guest),
      },
    ];
  });
}

/** Whether its answers are a finding. */
export function isFaulty(probed: Probed): boolean {
  return meaningOf(probed) !== undefined;
}

export function describePort({
  address,
  port,
  protocol,
}: Pick<Probed, 'address' | 'port' | 'protocol'>): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}/${protocol}`;
}

/** xl gives a console of every guest of Xen, libvirt of the guests that it started; local guests are listed, with their kind. */
export function consoleOf(driver: GuestDriver, guest: string): string {
  if (driver === 'local') return 'guestgate guest list';
  return `${driver === 'libxl' ? 'xl' : virshOf[driver]} console ${shellWord(guest)}`;
}

interface Meaning {
  readonly problem: string;
  readonly advice: string;
}

function meaningOf({ result, distant, protocol }: Probed): Meaning | undefined {
  if (protocol !== 'tcp') return result === 'unreachable' ? meanings.unreachable : undefined;
  if (result !== 'answered') return meanings[result];
  if (distant === undefined || distant.result === 'answered') return undefined;
  return {
    problem: `answers the host's address on its own network, and not ${distant.source}: the guest has no default route through this host, or its own firewall admits its own network alone`,
    advice: 'in the guest: ip route; nft list ruleset',
  };
}

/** The probable causes, and the commands that show them in the guest. */
const meanings: Readonly<{ [result in Exclude<ProbeResult, 'answered'>]: Meaning }> = {
  refused: {
    problem:
      "refuses connections from the host: no program listens there, or the guest's own firewall rejects them",
    advice: 'in the guest: ss -ltn; nft list ruleset',
  },
  silent: {
    problem:
      "does not answer the host: the guest's own firewall drops packets, the guest still boots, or it has another address",
    advice: 'in the guest: ip addr; nft list ruleset',
  },
  unreachable: {
    problem: 'is not reachable from the host: no guest has this address on its network',
    advice: 'in the guest: ip addr',
  },
};
