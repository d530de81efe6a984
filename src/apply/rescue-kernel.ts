import { iptablesOf } from '../backends/head-rules.ts';
import { restore, save } from '../backends/iptables/programs.ts';
import { renderBypass, renderBypassEnd } from '../backends/rescue/bypass.ts';
import {
  enterRescue,
  foreignTables,
  type Left,
  leaveRescue,
  listTables,
} from '../backends/rescue/ruleset.ts';
import type { BackendName } from '../model/backend-name.ts';
import {
  type IptablesKind,
  type NftTable,
  programOf,
  type RescuePlace,
  type SavedRules,
} from '../model/saved-rules.ts';
import { completeSave } from '../netfilter/incompatible-tables.ts';
import { removeMadeTables } from '../reconcile/made-tables.ts';
import { hasProgram, hostFamilies, iptablesVariant, legacyTables } from '../system/host.ts';
import { run, tryRun } from '../system/run.ts';

/** Rulesets of thousands of rules take nft and iptables seconds, and a person waits: milliseconds. */
const patience = 30_000;

/** The tables in which iptables-nft has the guests' rules: they cannot sleep. */
const tablesInUse = ['filter', 'mangle', 'nat'] as const;

/** What the kernel holds of others, and how it is put aside. */
export interface Found {
  readonly tables: readonly NftTable[];
  readonly bypassed: readonly IptablesKind[];
  /** What stays as it is, as nothing can put it aside. */
  readonly left: readonly Left[];
}

/** Looks at the rules of others; changes nothing. @throws CommandError if they cannot be listed */
export function findForeign(backend: BackendName): Found {
  const { active, left } = hasProgram('nft')
    ? foreignTables(run(listTables, 'listing the ruleset', patience))
    : { active: [], left: [] };
  const kinds = hostFamilies().flatMap((family) => kindsOf(family, backend));
  const usable = kinds.filter(isUsable);
  const unusable = kinds.filter((kind) => !isUsable(kind));
  return {
    tables: active.filter((table) => backend !== 'iptables-nft' || !isInUse(table)),
    bypassed: usable,
    left: [...left, ...unusable.map((kind) => ({ why: 'no program' as const, program: programOf(kind) }))],
  };
}

function kindsOf(family: IptablesKind['family'], backend: BackendName): IptablesKind[] {
  const legacy = legacyTables(family).length > 0 || backend === 'iptables-legacy';
  const nft = backend === 'iptables-nft' || (!hasProgram('nft') && isUsable({ family, variant: 'nft' }));
  return [
    ...(nft ? [{ family, variant: 'nft' as const }] : []),
    ...(legacy ? [{ family, variant: 'legacy' as const }] : []),
  ];
}

/** Whether a program of that variant is here: the plain name may be the other's. */
function isUsable({ family, variant }: IptablesKind): boolean {
  const iptables = iptablesOf(family);
  return (
    hasProgram(`${iptables}-${variant}-restore`) ||
    (hasProgram(`${iptables}-restore`) && iptablesVariant() === variant)
  );
}

function isInUse({ family, name }: NftTable): boolean {
  return (family === 'ip' || family === 'ip6') && (tablesInUse as readonly string[]).includes(name);
}

/** Puts the rules of others aside, and the working set in their place. Each step is one transaction. */
export function enterKernel(
  { tables, bypassed, backend }: Pick<SavedRules, 'tables' | 'bypassed' | 'backend'>,
  place: RescuePlace,
): void {
  for (const kind of bypassed) {
    const isOwn = backend === `iptables-${kind.variant}`;
    const only = kind.variant === 'nft' && hasProgram('nft') ? tablesInUse : undefined;
    const input = renderBypass(listKind(kind), kind.family, isOwn ? place : undefined, only);
    if (input !== '')
      run(
        restore(kind.variant, kind.family, input),
        `putting the rules of ${programOf(kind)} aside`,
        patience,
      );
  }
  if (hasProgram('nft'))
    run(
      enterRescue(tables, backend === 'nftables' ? place : undefined),
      'putting the tables of nft aside',
      patience,
    );
}

/** Undoes `enterKernel()`, whole or in part. Doing it again is safe. */
export function leaveKernel({ tables, bypassed, made }: SavedRules): void {
  if (hasProgram('nft')) {
    // To wake one that its program has removed would make an empty one.
    const listing = run(listTables, 'listing the ruleset', patience);
    const there = tables.filter(({ family, name }) => listing.includes(`table ${family} ${name} {`));
    run(leaveRescue(there), 'bringing the tables of nft back', patience);
  }
  for (const kind of bypassed) {
    const input = renderBypassEnd(listKind(kind));
    if (input !== '')
      run(
        restore(kind.variant, kind.family, input),
        `bringing the rules of ${programOf(kind)} back`,
        patience,
      );
  }
  removeMadeTables(made);
}

function listKind({ family, variant }: IptablesKind): string {
  const command = save(variant, family);
  const text = run(command, `listing the rules of ${programOf({ family, variant })}`, patience);
  return variant === 'nft' ? completeSave(text, command, tryRun) : text;
}

/** All rules as text, by the program that printed it. @throws CommandError if one of them fails */
export function listEverything(): Readonly<Record<string, string>> {
  const kinds = hostFamilies().flatMap((family) => [
    { family, variant: 'nft' as const },
    // Without tables, to list them would load the modules.
    ...(legacyTables(family).length > 0 ? [{ family, variant: 'legacy' as const }] : []),
  ]);
  const ofIptables = kinds.filter(isUsable).map((kind) => {
    const command = save(kind.variant, kind.family, '-c');
    return [programOf(kind), run(command, `saving the rules of ${programOf(kind)}`, patience)];
  });
  return { ...Object.fromEntries(ofIptables), ...(hasProgram('nft') && { nft: listNft() }) };
}

/** The ruleset of nft as text; empty without nft. */
export function listNft(): string {
  if (!hasProgram('nft')) return '';
  return run({ program: 'nft', args: ['list', 'ruleset'] }, 'saving the ruleset', patience);
}
