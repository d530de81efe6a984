import type { Family } from '../../model/address.ts';
import type { KernelCommand } from '../../model/command.ts';
import { iptablesOf } from '../head-rules.ts';

/** The two ways in which iptables' programs keep rules: in nf_tables, or in the older tables of the kernel. */
export type Variant = 'nft' | 'legacy';

/** Waits for others at most that many seconds. */
const wait = ['-w', '3'];

export function restore(variant: Variant, family: Family, input: string): KernelCommand {
  const iptables = iptablesOf(family);
  return {
    program: `${iptables}-${variant}-restore`,
    alternatives: [`${iptables}-restore`],
    args: ['--noflush', ...wait],
    input,
  };
}

export function save(variant: Variant, family: Family, ...args: readonly string[]): KernelCommand {
  const iptables = iptablesOf(family);
  return { program: `${iptables}-${variant}-save`, alternatives: [`${iptables}-save`], args };
}
