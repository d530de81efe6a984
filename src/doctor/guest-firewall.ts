import type { Address } from '../model/address.ts';
import type { GuestDriver } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { type ProbeResult, probe } from '../system/probe.ts';
import type { Check, Finding } from './finding.ts';
import { forwardsOf, shellWord, virshOf } from './guests-of.ts';

/** A guest's port, and whether the host itself, which no rule of the host's keeps away, gets an answer there. */
export interface Probed {
  readonly guest: string;
  readonly driver: GuestDriver;
  readonly address: Address;
  readonly port: number;
  readonly result: ProbeResult;
}

export function judgeProbes(probes: readonly Probed[]): Finding[] {
  return probes.flatMap(({ guest, driver, address, port, result }): Finding[] => {
    if (result === 'answered') return [];
    const where = `${address.includes(':') ? `[${address}]` : address}:${port}/tcp`;
    return [
      {
        severity: 'something',
        what: `guest ${quoted(guest)} at ${where} ${meanings[result]}`,
        fix: `${consoleOf(driver)} ${shellWord(guest)}`,
      },
    ];
  });
}

/** xl has a console of all that Xen runs, libvirt of what it started itself. */
function consoleOf(driver: GuestDriver): string {
  return `${driver === 'libxl' ? 'xl' : virshOf[driver]} console`;
}

/** What it means, and what is to be looked at in the guest. */
const meanings: Readonly<{ [result in Exclude<ProbeResult, 'answered'>]: string }> = {
  refused:
    'refuses connections of the host itself: nothing listens there, or its own firewall rejects (in it: ss -ltn; nft list ruleset)',
  silent:
    'does not answer the host itself: its own firewall drops, it still boots, or it has another address (in it: ip addr; nft list ruleset)',
  unreachable:
    'cannot be reached by the host itself: nobody has this address on its network (in it: ip addr)',
};

/** As many ports are tried, all at once: whoever has thousands gets a sample. */
const most = 64;

/** Only TCP can be asked without knowing what is spoken there. */
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
