import type { Family } from './address.ts';
import { type BackendName, backendNames } from './backend-name.ts';
import { isInterfaceName } from './interface-name.ts';
import { isList, isObject, isOneOf, isRecordOf, isText, type Shape } from './shape.ts';

const tableFamilies = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'] as const;

/** A table of nftables. */
export interface NftTable {
  readonly family: (typeof tableFamilies)[number];
  readonly name: string;
}

/** All tables of one kind of iptables in one family. */
export interface IptablesKind {
  readonly family: Family;
  readonly variant: 'nft' | 'legacy';
}

/** What a rescue put aside, and what brings it back. */
export interface SavedRules {
  /** `bootId()`: after another boot, the kernel holds none of it. */
  readonly boot: string;
  /** The back end of the guests' rules, and of the working set. */
  readonly backend: BackendName;
  /** Tables that were active and sleep now, in the order in which the kernel lists them. */
  readonly tables: readonly NftTable[];
  /** Kinds of iptables whose chains begin with the rules of the rescue. */
  readonly bypassed: readonly IptablesKind[];
  /** Missing tables and base chains that the rescue may make, as `tablesToCome()` names them. */
  readonly made: readonly string[];
  /** Kernel settings with the values that they had, by their path in /proc/sys, in the order in which they are written. */
  readonly settings: { readonly [path: string]: string };
}

/** `ip6tables-legacy`. */
export function programOf({ family, variant }: IptablesKind): string {
  return `${family === 'ip' ? 'iptables' : 'ip6tables'}-${variant}`;
}

/** Whether nft reads this name of a table back (nft(8), "lexical conventions"): the kernel takes any. */
export function isTableName(name: string): boolean {
  return /^[A-Za-z_][\w./-]{0,255}$/.test(name);
}

const isName: Shape = (value) => isText(value) && isTableName(value as string);
const isPath: Shape = (value) => isText(value) && /^[a-z0-9]+( [\w./-]+){1,2}$/.test(value as string);
const isSettings: Shape = (value) =>
  isRecordOf(isText)(value) && Object.keys(value as object).every((path) => isSetting(path));

/** Whether this is a setting of forwarding, and no path to anything else. */
function isSetting(path: string): boolean {
  const parts = path.split('/');
  return (
    /^net\/ipv[46]\//.test(path) &&
    /\/(ip_forward|forwarding|accept_redirects|accept_ra)$/.test(path) &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** Whether a file holds them: names become text for nft and paths are written, so each is checked. */
export const isSavedRules: Shape = isObject({
  boot: isText,
  backend: isOneOf(...backendNames),
  tables: isList(isObject({ family: isOneOf(...tableFamilies), name: isName })),
  bypassed: isList(isObject({ family: isOneOf('ip', 'ip6'), variant: isOneOf('nft', 'legacy') })),
  made: isList(isPath),
  settings: isSettings,
});

/** What the simplest working set is made for. */
export interface RescuePlace {
  readonly families: readonly Family[];
  /** The interfaces that lead outside. Without any, nothing is dropped. */
  readonly outside: readonly string[];
  /** The host's own links to networks that it trusts: not outside, and no guest's. */
  readonly trusted: readonly string[];
  /** The tcp ports of ssh. */
  readonly sshPorts: readonly number[];
  /** The udp ports of tunnels, through which an administrator may have come. */
  readonly tunnelPorts: readonly number[];
  /** The bit of `ct mark` that admitted connections carry. */
  readonly mark: number;
}

/** Interfaces as rules take them, each once. A name that no rule may contain is left out. */
export function validInterfaces(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter(isInterfaceName);
}
