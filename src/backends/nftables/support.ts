/*
 * nft fails for many reasons: memory, permissions, another program that replaces it at that moment. Only some messages
 * say that this nft, or this kernel, has no use for our rules, today and tomorrow.
 */

const impossible: readonly RegExp[] = [
  // The kernel: nf_tables, a type of chain, set or expression is not built, or older than what we use.
  /not supported/i,
  /Could not process rule: (No such file or directory|Invalid argument)/,
  // An nft that does not know our syntax.
  /syntax error|unknown (chain type|key|keyword|option|identifier|datatype)/i,
];

/**
 * Why nftables cannot be used on this host at all, as a failed check of our rules says it; undefined if the failure may
 * be over in a moment.
 *
 * @param stderr what `nft -c -f -` printed
 */
export function reasonAgainstNftables(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .find((line) => impossible.some((pattern) => pattern.test(line)));
}
