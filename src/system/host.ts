import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Address } from '../model/address.ts';
import { readText } from './files.ts';
import { tryRun } from './run.ts';

/** Whether iptables-legacy's filter table is registered in this network namespace. Looking does not load it. */
export function hasLegacyFilter(): boolean {
  try {
    return readFileSync('/proc/net/ip_tables_names', 'utf8').split('\n').includes('filter');
  } catch {
    return false;
  }
}

/** Whether a program is installed, under any of these names. */
export function hasProgram(...names: readonly string[]): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return names.some((name) => folders.some((folder) => folder !== '' && canRun(join(folder, name))));
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The interface of the IPv4 default route with the lowest metric (/proc/net/route, proc_net(5)). */
export function defaultRouteInterface(): string | undefined {
  const routes = (readText('/proc/net/route') ?? '').split('\n').map((line) => line.split('\t'));
  const defaults = routes.filter((fields) => fields[1] === '00000000' && fields[7] === '00000000');
  return defaults.sort((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0];
}

/** The IPv4 addresses of this host by interface; an alias (`eth0:0`) counts as its parent. */
export function interfaceAddresses(): { readonly interface: string; readonly address: Address }[] {
  const { networkInterfaces } = process.getBuiltinModule('node:os');
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ interface: name.split(':')[0] ?? name, address })),
  );
}

/** A kernel setting, `net.ipv4.ip_forward`; undefined if this kernel has none of that name. */
export function sysctl(name: string): string | undefined {
  return readText(join('/proc/sys', name.replaceAll('.', '/')))?.trim();
}

/** Whether this is a port of a bridge, and not in hairpin mode. */
export function isHairpinOff(port: string): boolean {
  // Another namespace's /sys does not show it: whether it is in that mode is not known then.
  return isInterface(port) && (readText(hairpinFile(port)) ?? '0').trim() === '0';
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

function hairpinFile(port: string): string {
  return `/sys/class/net/${port}/brport/hairpin_mode`;
}

/** Changes a kernel setting until the next boot. */
export function setSysctl(name: string, value: string): void {
  writeFileSync(join('/proc/sys', name.replaceAll('.', '/')), value);
}

let interfaces: ReadonlySet<string> | undefined;

/** Whether this network namespace has an interface of that name, whatever /sys shows. */
function isInterface(name: string): boolean {
  interfaces ??= new Set(
    readText('/proc/net/dev')
      ?.match(/^\s*[^\s:]+(?=:)/gm)
      ?.map((line) => line.trim()),
  );
  return interfaces.has(name);
}
