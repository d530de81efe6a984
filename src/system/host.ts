import { existsSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Family, families } from '../model/address.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { canRun, readText } from './files.ts';
import { tryRun } from './run.ts';

/** The families that this kernel has: IPv6 may be left out of it, or turned off at boot (`ipv6.disable=1`). */
export function hostFamilies(): readonly Family[] {
  return existsSync('/proc/net/if_inet6') ? families : ['ip'];
}

/** Whether a table of iptables-legacy's is registered in this network namespace. Looking does not load it. */
export function hasLegacyTable(family: Family, table: string): boolean {
  return legacyTables(family).includes(table);
}

/** The tables of iptables-legacy's that are registered in this network namespace. */
export function legacyTables(family: Family): readonly string[] {
  try {
    return readFileSync(`/proc/net/${family}_tables_names`, 'utf8')
      .split('\n')
      .filter((name) => name !== '');
  } catch {
    return [];
  }
}

/** Whether any of iptables-legacy's tables is registered in this network namespace. */
export function hasLegacyTables(): boolean {
  return families.some((family) => legacyTables(family).length > 0);
}

/** Whether a program is installed, under any of these names. */
export function hasProgram(...names: readonly string[]): boolean {
  return names.some((name) => findProgram(name) !== undefined);
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(canRun);
}

/**
 * Where this host's `iptables` keeps its rules: it is a link to the program that does, xtables-nft-multi or
 * xtables-legacy-multi (older: xtables-multi); what is none says it with its version, `iptables v1.8.9 (nf_tables)`.
 *
 * @returns undefined if the program does not say its version now
 */
export function iptablesVariant(): 'nft' | 'legacy' | undefined {
  const path = findProgram('iptables-restore');
  const program = basename(path === undefined ? '' : realpathSync(path));
  if (/nft|legacy|multi/.test(program)) return program.includes('nft') ? 'nft' : 'legacy';
  const version = tryRun({ program: 'iptables', args: ['--version'] });
  if (version === undefined || !/ v\d/.test(version)) return undefined;
  return version.includes('nf_tables') ? 'nft' : 'legacy';
}

/** A kernel setting, `net.ipv4.ip_forward`; undefined if this kernel has none of that name. */
export function sysctl(name: string): string | undefined {
  return readText(join('/proc/sys', name.replaceAll('.', '/')))?.trim();
}

/** The kernel setting that lets bridged frames pass iptables in a family. It is there while br_netfilter is loaded. */
export function bridgedFramesSetting(family: Family): string {
  return `net.bridge.bridge-nf-call-${family}tables`;
}

/** Whether bridged frames pass iptables in a family: only then `physdev` matches any. */
export function bridgedFramesPass(family: Family): boolean {
  return sysctl(bridgedFramesSetting(family)) === '1';
}

/** Whether this is a port of a bridge, and not in hairpin mode. */
export function isHairpinOff(port: string): boolean {
  // Another namespace's /sys does not show it: whether it is in that mode is not known then.
  return isInterface(port) && (readText(hairpinFile(port)) ?? '0').trim() === '0';
}

/** Whether this is a port of a bridge that is certainly not in hairpin mode. */
export function lacksHairpin(port: string): boolean {
  return readText(hairpinFile(port))?.trim() === '0';
}

/** Lets a bridge send frames back out of the port they came in by, or no longer. */
export function setHairpinMode(port: string, on: boolean): void {
  try {
    writeFileSync(hairpinFile(port), on ? '1' : '0');
  } catch {
    // This /sys is another namespace's, or read-only.
    const args = ['link', 'set', 'dev', port, 'hairpin', on ? 'on' : 'off'];
    if (isInterface(port)) tryRun({ program: 'bridge', args });
  }
}

/** The bridge that an interface is a port of; undefined if it is none's, or this /sys is another namespace's. */
export function bridgeOf(port: string): string | undefined {
  try {
    return basename(readlinkSync(join('/sys/class/net', port, 'master')));
  } catch {
    return undefined;
  }
}

/** Whether a bridge leaves 127.0.0.0/8 to the host alone, as it does by default. */
export function keepsLoopback(bridge: string): boolean {
  return readText(loopbackFile(bridge))?.trim() === '0';
}

/** Lets connections from 127.0.0.1 go out to a bridge, or no longer. */
export function routeLoopback(bridge: string, on: boolean): void {
  try {
    writeFileSync(loopbackFile(bridge), on ? '1' : '0');
  } catch {
    // The bridge is gone, and the setting with it.
  }
}

/** Names of interfaces may hold dots, which `sysctl()` takes for something else. */
function loopbackFile(bridge: string): string {
  return `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`;
}

function hairpinFile(port: string): string {
  return `/sys/class/net/${port}/brport/hairpin_mode`;
}

/** Changes a kernel setting until the next boot. */
export function setSysctl(name: string, value: string): void {
  writeFileSync(join('/proc/sys', name.replaceAll('.', '/')), value);
}

/**
 * Whether this network namespace has an interface of that name, whatever /sys shows. Asked of the kernel each time: a
 * process that runs for long sees interfaces come and go.
 */
export function isInterface(name: string): boolean {
  return existsSync(`/proc/sys/net/ipv4/conf/${name}`);
}

/** What an interface of this network namespace is: a bridge, or anything else that may be a guest's port; undefined: there is none. */
export function interfaceKind(name: string): 'bridge' | 'port' | undefined {
  if (!isInterfaceName(name) || !isInterface(name)) return undefined;
  return existsSync(`/sys/class/net/${name}/bridge`) ? 'bridge' : 'port';
}

/** A setting of an interface, or of `all`; names of interfaces may hold dots, which `sysctl()` takes for something else. */
export function interfaceSetting(name: string, setting: string): string | undefined {
  return readText(`/proc/sys/net/ipv4/conf/${name}/${setting}`)?.trim();
}
