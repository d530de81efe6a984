/** A chain of the kernel's ruleset. */
export interface ChainName {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

/** Of a rule in it, what tells whose it is. */
export interface ListedRule {
  readonly handle: number;
  readonly comment?: string;
  /** The chain it jumps to. */
  readonly jump?: string;
}
