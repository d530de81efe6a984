import { names } from '../backends/names.ts';
import type { Json, ListedChain, ListedRuleset } from '../netfilter/listed-ruleset.ts';
import { has, type MarkUse, type MarkUser } from './mark-use.ts';

/** mangle + 10, where guestgate's own chains separate the marks. */
const separated = -140;

/** Tables that the iptables programs list, with rules that nft shows in another form. */
const ofIptables = new Set(['filter', 'nat', 'mangle', 'raw', 'security']);

/**
 * Rules of nftables that use our bit without a mask.
 *
 * @param hasIptables iptables-nft's own tables are read from `iptables-save`
 */
export function markUsersOfRuleset({ chains }: ListedRuleset, bit: number, hasIptables: boolean): MarkUser[] {
  return chains
    .filter(({ family, table }) => {
      if (table === names.table || table === 'libvirt_network') return false;
      return !(hasIptables && (family === 'ip' || family === 'ip6') && ofIptables.has(table));
    })
    .flatMap((chain) =>
      chain.rules.flatMap(({ handle, expressions }) =>
        [...new Set(expressions.flatMap((one) => useOf(one, bit)))].map((use) => ({
          use,
          rule: `nft ${chain.family} ${chain.table} ${chain.name}: ${describeUse(use)} (handle ${handle})`,
          chain: `nft ${chain.family} ${chain.table} ${chain.name}`,
          unrepaired: isUnrepaired(use, chain),
        })),
      ),
    );
}

/** nft's JSON has no text of a rule. */
function describeUse(use: MarkUse): string {
  switch (use) {
    case 'compares-connection':
      return 'compares ct mark without a mask';
    case 'compares-packet':
      return 'compares meta mark without a mask';
    case 'clears':
      return 'ct mark set, without a mask';
    case 'copies':
      return 'meta mark set ct mark, without a mask';
  }
}

function isUnrepaired(use: MarkUse, { base }: ListedChain): boolean {
  if (use === 'compares-connection') return true;
  const late = base === undefined || base.priority > separated;
  if (use === 'clears') return late && (base === undefined || base.hook === 'forward');
  return use === 'copies' && late && base?.hook === 'prerouting';
}

function useOf(expression: Json, bit: number): MarkUse[] {
  const match = expression['match'] as { left?: unknown } | undefined;
  if (match !== undefined) {
    const [key, mask] = compared(match.left);
    if (key === undefined || !has(mask, bit) || mask >>> 0 === bit) return [];
    return [key === 'ct' ? 'compares-connection' : 'compares-packet'];
  }
  const mangle = expression['mangle'] as { key?: unknown; value?: unknown } | undefined;
  const key = keyOfMark(mangle?.key);
  if (mangle === undefined || key === undefined) return [];
  // What becomes of our bit: the value that the rule writes while only it is set.
  const ours = has(valueWith(mangle.value, bit), bit);
  if (key === 'ct') return ours ? [] : ['clears'];
  return readsConnection(mangle.value) && ours ? ['copies'] : [];
}

/** `ct mark`, `ct mark & MASK` and the same of `meta mark`. */
function compared(left: unknown): [key: 'ct' | 'meta' | undefined, mask: number] {
  const and = (left as { '&'?: readonly unknown[] } | null)?.['&'];
  if (and === undefined) return [keyOfMark(left), 0xffffffff];
  return [keyOfMark(and[0]), typeof and[1] === 'number' ? and[1] : 0];
}

function keyOfMark(expression: unknown): 'ct' | 'meta' | undefined {
  const { ct, meta } = (expression ?? {}) as { ct?: { key?: string }; meta?: { key?: string } };
  if (ct?.key === 'mark') return 'ct';
  return meta?.key === 'mark' ? 'meta' : undefined;
}

function readsConnection(expression: unknown): boolean {
  return JSON.stringify(expression).includes('"ct":{"key":"mark"}');
}

/** The number that an expression makes of a connection's mark; what is not known here counts as 0. */
function valueWith(expression: unknown, connectionMark: number): number {
  if (typeof expression === 'number') return expression;
  if (keyOfMark(expression) === 'ct') return connectionMark;
  const [operator = '', operands] = Object.entries((expression ?? {}) as Json)[0] ?? [];
  if (!Array.isArray(operands)) return 0;
  const values = operands.map((one) => valueWith(one, connectionMark));
  if (operator === '|') return values.reduce((sum, one) => sum | one, 0);
  if (operator === '&') return values.reduce((sum, one) => sum & one, -1);
  return operator === '^' ? values.reduce((sum, one) => sum ^ one, 0) : 0;
}
