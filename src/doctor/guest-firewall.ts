import type { Address } from '../model/address.ts';
import type { GuestDriver } from '../model/guest.ts';
import { type ProbeResult, probe } from '../system/probe.ts';
import type { Check, HostFinding } from './check.ts';
import { forwardsOf, shellWord, virshOf } from './guests-of.ts';

/** A guest's port, and the answer of the guest to the host itself, which no rule of the host's restricts. */
export interface Probed {
  readonly guest: string;
  readonly driver: GuestDriver;
  readonly address: Address;
  readonly port: number;
  readonly result: ProbeResult;
}

export function judgeProbes(probes: readonly Probed[]): HostFinding[] {
  return probes.flatMap(({ guest, driver, address, port, result }): HostFinding[] => {
    if (result === 'answered') return [];
    const where = `${address.includes(':') ? `[${address}]` : address}:${port}/tcp`;
    return [
      {
        severity: 'something',
        subject: { guest: { driver, name: guest } },
        problem: `${where} ${meanings[result].problem}`,
        advice: meanings[result].advice,
        fix: `${consoleOf(driver)} ${shellWord(guest)}`,
      },
    ];
  });
}

/** xl gives a console of every guest of Xen, libvirt of the guests that it started. */
function consoleOf(driver: GuestDriver): string {
  return `${driver === 'libxl' ? 'xl' : virshOf[driver]} console`;
}

/** The probable causes, and the commands that show them in the guest. */
const meanings: Readonly<{
  [result in Exclude<ProbeResult, 'answered'>]: { problem: string; advice: string };
}> = {
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

/** How many ports are tried, side by side: of thousands of ports this is a sample. */
const most = 64;

/** Only TCP answers whatever protocol the program behind it speaks. */
export const guestFirewalls: Check = async ({ records }) => {
  const targets = new Map<string, Omit<Probed, 'result'>>();
  for (const { guest, driver, element } of forwardsOf(records)) {
    if (element.protocol !== 'tcp') continue;
    targets.set(`${element.guest} ${element.to}`, {
      guest,
      driver,
      address: element.guest,
      port: element.to,
    });
  }
  const tried = [...targets.values()].slice(0, most);
  return judgeProbes(
    await Promise.all(tried.map(async (one) => ({ ...one, result: await probe(one.address, one.port) }))),
  );
};
