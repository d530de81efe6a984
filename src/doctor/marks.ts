import { hex } from '../backends/names.ts';
import { askHost } from '../explain/known-host.ts';
import { readRuleset } from '../explain/read-ruleset.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { KernelCommand } from '../model/command.ts';
import { readProgramJson } from '../model/program-output.ts';
import { parseSavedTables } from '../netfilter/iptables-save.ts';
import { nameInUse, readHostState } from '../state/host-state.ts';
import { hasLegacyTables, hasProgram } from '../system/host.ts';
import { runPatiently } from '../system/run-patiently.ts';
import type { Check, HostFinding } from './check.ts';
import { familiesInUse } from './guests-of.ts';
import { has, type MarkUser } from './mark-use.ts';
import { markUsersOfTables } from './marks-in-iptables.ts';
import { markUsersOfRuleset } from './marks-in-nft.ts';

/** How many rules a finding shows. */
const shown = 8;

/**
 * Other programs' rules that use guestgate's bit of a mark because they do not mask. With the nftables back end guestgate takes the
 * bit out of packets before they are routed, and puts it back into its connections: only rules where it cannot are findings.
 */
export function judgeMarkUsers(
  users: readonly MarkUser[],
  backend: BackendName | undefined,
  bit: number,
): HostFinding[] {
  const copies = users.filter(({ use }) => use === 'copies');
  const repairs = backend === 'nftables';
  const late = copies.some(({ unrepaired }) => unrepaired);
  const concerned = users.filter(({ use, chain, unrepaired }) => {
    if (use !== 'compares-packet') return !repairs || unrepaired;
    const harmful = copies.filter((copy) => !repairs || late || copy.chain === chain);
    return harmful.length > 0;
  });
  if (concerned.length === 0) return [];
  const more = concerned.length > shown ? [`and ${concerned.length - shown} more`] : [];
  const loses = concerned.some(({ use }) => use === 'clears');
  return [
    {
      severity: loses ? 'something' : 'later',
      subject: `mark ${hex(bit)}`,
      problem: loses
        ? 'rules of other programs clear it in connections that guestgate admits, and later packets of these may be dropped; without a mask:'
        : 'rules of other programs compare or copy whole marks, and may choose another route for connections that guestgate admits; without a mask:',
      details: [...concerned.slice(0, shown).map(({ rule }) => rule), ...more],
      advice: `use the mask ${hex(~bit)} in them, as docs/howto/policy-routing.md shows`,
      fix: 'iptables-save | grep -i mark; nft list ruleset | grep mark; ip rule',
    },
  ];
}

/** A rule of policy routing, as `ip -j rule` lists it. */
interface RoutingRule {
  readonly priority: number;
  readonly fwmark?: string;
  readonly fwmask?: string;
  readonly table?: string;
}

/** Routing rules that compare the packet's whole mark (ip-rule(8), fwmark). */
export function markUsersOfRouting(rules: readonly RoutingRule[], tool: string, bit: number): MarkUser[] {
  return rules
    .filter(({ fwmark, fwmask = '0xffffffff' }) => fwmark !== undefined && has(Number(fwmask), bit))
    .map(({ priority, fwmark, fwmask, table = 'main' }) => ({
      use: 'compares-packet' as const,
      rule: `${tool} rule ${priority}: fwmark ${fwmark}${fwmask === undefined ? '' : `/${fwmask}`} lookup ${table}`,
      unrepaired: false,
    }));
}

export const marks: Check = async ({ records, mark, listings }) => {
  if (records.length === 0) return [];
  const backend = nameInUse(readHostState());
  const users: MarkUser[] = [];
  const families = familiesInUse(records);
  for (const tool of families.map((family) => (family === 'ip' ? 'iptables' : 'ip6tables'))) {
    for (const variant of ['nft', ...(hasLegacyTables() ? ['legacy'] : [])]) {
      const program = `${tool}-${variant}-save`;
      if (!hasProgram(program)) continue;
      const text = (await listings.list({ program, args: [] })) ?? '';
      const name = variant === 'legacy' ? `${tool}-legacy` : tool;
      users.push(...markUsersOfTables(parseSavedTables(text), name, mark));
    }
  }
  if (hasProgram('nft')) {
    const { ruleset } = readRuleset((command) => listings.listNow(command, askHost));
    users.push(...markUsersOfRuleset(ruleset, mark, hasProgram('iptables-nft-save')));
  }
  for (const family of families) {
    const version = family === 'ip' ? '-4' : '-6';
    const command = { program: 'ip', args: ['-j', version, 'rule'] };
    users.push(...markUsersOfRouting(await readRouting(command), `ip ${version}`, mark));
  }
  return judgeMarkUsers(users, backend, mark);
};

async function readRouting(command: KernelCommand): Promise<readonly RoutingRule[]> {
  const text = await runPatiently(command, 'listing the rules of policy routing');
  return readProgramJson(text, command, (value) => {
    if (!Array.isArray(value)) throw new TypeError('no array');
    return value as RoutingRule[];
  });
}
