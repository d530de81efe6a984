import { names } from '../names.ts';

/** Our chains that others lead to, by what they do. */
export const chains = {
  prerouting: `${names.chain}PREROUTING`,
  output: `${names.chain}OUTPUT`,
  postrouting: `${names.chain}POSTROUTING`,
  input: `${names.chain}INPUT`,
  absent: `${names.chain}ABSENT`,
  forward: names.forwardChain,
  translate: `${names.chain}TRANSLATE`,
  exact: `${names.chain}EXACT`,
  public: `${names.chain}PUBLIC`,
  interfaces: `${names.chain}INTERFACES`,
  local: `${names.chain}LOCAL`,
  any: `${names.chain}ANY`,
  refuse: `${names.chain}REFUSE`,
  hairpin: `${names.chain}HAIRPIN`,
  noted: `${names.chain}NOTED`,
  masquerade: `${names.chain}MASQUERADE`,
  snat: `${names.chain}SNAT`,
  networks: `${names.chain}NETWORKS`,
  untranslated: `${names.chain}UNTRANSLATED`,
  open: `${names.chain}OPEN`,
  leave: `${names.chain}LEAVE`,
  admit: `${names.chain}ADMIT`,
  depart: `${names.chain}DEPART`,
} as const;
