import { reasonAgainstNftables } from '../backends/nftables/support.ts';
import type { Family } from '../model/address.ts';
import { CommandError } from '../model/problem.ts';
import type { Ask } from '../system/ask-ip.ts';
import { hasLegacyTables, hasProgram, interfaceSetting, sysctl } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { run } from '../system/run.ts';
import type { Rules } from './hooked-chains.ts';
import type { Host, RoutingSettings } from './host-facts.ts';
import { readHostOf, rulesOf } from './read-host.ts';
import { readRuleset } from './read-ruleset.ts';

/** What decides over a packet of a family on this host. */
export interface FamilyFacts {
  readonly rules: Rules;
  readonly host: Host;
}

/** Reads this host for traces: the rules of nftables once for all families. @throws CommandError if they cannot be listed */
export function readThisHost<Wanted extends Family>(
  families: readonly Wanted[],
  ask: Ask = askHost,
): Map<Wanted, FamilyFacts> {
  const nft = readRuleset(ask);
  const legacy = hasLegacyTables();
  return new Map(
    families.map((family) => [
      family,
      {
        rules: rulesOf(family, nft, legacy, ask),
        host: readHostOf(family, routingSettings(family), ask),
      },
    ]),
  );
}

/** How long a listing may take, in milliseconds: half a million elements take several seconds. */
const patience = 30_000;

/** Asks a program of the host. A listing that failed would look like a host without rules. */
export const askHost: Ask = (command) => {
  if (command.program !== 'nft' || !hasProgram('nft')) return tryListing(command);
  try {
    return run(command, 'listing the ruleset', patience);
  } catch (error) {
    if (error instanceof CommandError && hasNoNftables(error)) return undefined;
    throw error;
  }
};

/** A kernel without nf_tables has no rules of it (CONFIG_NF_TABLES); iptables-legacy's are listed beside. */
function hasNoNftables({ failure }: CommandError): boolean {
  return (
    reasonAgainstNftables(failure.stderr) !== undefined ||
    /Unable to initialize Netlink/i.test(failure.stderr)
  );
}

/**
 * IPv4 asks the interface that a packet arrives on, IPv6 one setting for all (ip-sysctl.rst, forwarding of an interface). The larger
 * rp_filter of the interface and of all counts.
 */
function routingSettings(family: Family): RoutingSettings {
  if (family === 'ip6')
    return { forwards: () => sysctl('net.ipv6.conf.all.forwarding') !== '0', checksSources: () => false };
  return {
    forwards: (input) => interfaceSetting(input, 'forwarding') !== '0',
    checksSources: (input) => rpFilter(input) > 0,
  };
}

/** 0 none, 1 strict, 2 loose. */
export function rpFilter(name: string): number {
  return Math.max(...[name, 'all'].map((one) => Number(interfaceSetting(one, 'rp_filter') ?? 0)));
}
