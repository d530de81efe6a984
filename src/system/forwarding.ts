import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Family } from '../model/address.ts';
import { readFolder, readText } from './files.ts';

/*
 * To write `ip_forward`, or `forwarding` of all of IPv6, writes the same of every interface (devinet.c, addrconf.c): each of them is
 * saved. Where forwarding is on, the kernel keeps the default route that a router advertised only with accept_ra 2
 * (ip-sysctl.rst): without it, the host would lose its way out.
 */

/** The settings without which the kernel forwards nothing of a family (Documentation/networking/ip-sysctl.rst), as sysctl(8) has them. */
export const forwardingSettings: Readonly<Record<Family, string>> = {
  ip: 'net.ipv4.ip_forward',
  ip6: 'net.ipv6.conf.all.forwarding',
};

/** By their path in /proc/sys, in the order in which they are written back. */
export type Settings = Readonly<Record<string, string>>;

/** All settings that turning forwarding on may change. */
export function readForwarding(families: readonly Family[]): Settings {
  const paths = families.flatMap((family) => {
    const folder = familyFolder(family);
    const interfaces = readFolder(join('/proc/sys', folder, 'conf')).filter((name) => name !== 'all');
    const ofAll = [`${folder}/conf/all/forwarding`, `${folder}/conf/all/accept_redirects`];
    const ofEach = interfaces.map((name) => `${folder}/conf/${name}/forwarding`);
    const ofRoutes = family === 'ip6' ? interfaces.map((name) => `${folder}/conf/${name}/accept_ra`) : [];
    return [...(family === 'ip' ? ['net/ipv4/ip_forward'] : []), ...ofAll, ...ofEach, ...ofRoutes];
  });
  return Object.fromEntries(
    paths.flatMap((path) => {
      const value = readSetting(path);
      return value === undefined ? [] : [[path, value]];
    }),
  );
}

/**
 * What to write so that packets are forwarded: nothing where they are.
 *
 * @param found `readForwarding()`
 * @param routes the interfaces of IPv6's default routes; none: IPv6 is left as it is
 */
export function forwardingOn(found: Settings, routes: readonly string[]): Settings {
  const isOff = (path: string) => found[path] === '0';
  const ip = 'net/ipv4/ip_forward';
  const ip6 = 'net/ipv6/conf/all/forwarding';
  const turned = routes.length > 0 && isOff(ip6);
  const advertised = routes
    .map((name) => `net/ipv6/conf/${name}/accept_ra`)
    .filter((path) => turned && found[path] === '1');
  return {
    ...(isOff(ip) && { [ip]: '1' }),
    ...Object.fromEntries(advertised.map((path) => [path, '2'])),
    ...(turned && { [ip6]: '1' }),
  };
}

/** Writes those that differ, in their order. An interface that is gone took its settings with it. */
export function writeSettings(settings: Settings): void {
  for (const [path, value] of Object.entries(settings)) {
    const found = readSetting(path);
    if (found !== undefined && found !== value) writeFileSync(join('/proc/sys', path), value);
  }
}

function readSetting(path: string): string | undefined {
  return readText(join('/proc/sys', path))?.trim();
}

function familyFolder(family: Family): string {
  return family === 'ip' ? 'net/ipv4' : 'net/ipv6';
}
