import { percentEncoded } from '../model/percent-encoding.ts';

/** Every name of ours that the outside sees in the kernel's ruleset. */
export const names = {
  /** Our table of the nftables back end, in each family. */
  table: 'guestgate',
  /** What our limits are named after, and the chains and sets that count connections. */
  rate: 'rate_',
  count: 'count_',
  /** The chain of nftables in which packets for guests that do not run end. */
  dropAbsent: 'drop_absent',
  /** Our chain in the iptables filter table, jumped to from the first place of FORWARD. */
  forwardChain: 'GUESTGATE-FORWARD',
  /**
   * The administrator's own rules ahead of our accept: a chain of iptables' filter table, and a table of nftables with one
   * chain. guestgate makes them, and changes nothing in them.
   */
  userChain: 'GUESTGATE-USER',
  userTable: 'guestgate_user',
  /** The table of nftables that protects the host itself, whichever back end makes the other rules. */
  protectTable: 'guestgate_host',
  /** The tables of nftables that `guestgate rescue` puts in place of all others. */
  rescueTable: 'guestgate_rescue',
  /** What its chains of iptables begin with: not with ours, as a rebuild removes those that it does not know. */
  rescueChain: 'GG-RESCUE-',
  /** What all our chains of iptables begin with; those of guests continue in lower case. */
  chain: 'GUESTGATE-',
  /** Our chain there that lets guests reach services of the host, jumped to from the first place of INPUT. */
  inputChain: 'GUESTGATE-SERVICES',
  /** Our chain of accepts for bridged guests there: behind the other one, or last. */
  vifChain: 'GUESTGATE-VIFS',
  /** What the comments of our rules in other people's chains begin with. */
  comment: 'guestgate',
} as const;

/** Foreign chains in which our accept must be the first rule: there is one of them in each family. */
export const foreignChains = {
  iptables: { table: 'filter', chain: 'FORWARD' },
  libvirt: { table: 'libvirt_network', chain: 'forward' },
} as const;

/**
 * The edition of the base rulesets and head rules of all back ends. Another number, or none, in the state says that the
 * kernel has those of another version of guestgate, and the next transaction rebuilds them.
 */
export const rulesetEdition = 8;

/**
 * Our bits of the connection labels, 128 bits that no rule of policy routing or of a container network uses: of
 * connections that we admit, of those from a guest bridge back to the same bridge, and of those that leave with the address of
 * the interface that they leave through. nft sets labels and never clears
 * them, so they are set only when that is certain.
 */
export const connectionLabels = { admitted: 120, hairpin: 121, masqueraded: 122 } as const;

/**
 * Whole marks of packets that the host routes from a guest's port back to the port's bridge. They exist behind all chains of
 * the host's postrouting, and the bridge takes them away.
 */
export const backToBridge = { fromGuest: 0x67677467, fromIsolated: 0x67677469 } as const;

/** How long a label may be: nftables keeps 128 bytes of comment, its own terminator included. */
const labelLength = 100;

/**
 * A guest's name as a comment: letters, digits and `._-` as they are, every other byte of UTF-8 as `%XX`.
 * No name reaches a parser raw: names hold quotes, semicolons, whatever.
 */
export function label(name: string): string {
  let encoded = '';
  for (const byte of Buffer.from(name.slice(0, labelLength), 'utf8')) {
    const next = percentEncoded(byte, /[A-Za-z0-9._-]/);
    if (encoded.length + next.length > labelLength) break;
    encoded += next;
  }
  return encoded;
}

/** A mark's bit as the rules show it: `0x10000000`. */
export function hex(bits: number): string {
  return `0x${(bits >>> 0).toString(16).padStart(8, '0')}`;
}
