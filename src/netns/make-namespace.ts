import { existsSync, lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Family, familyName, familyOf } from '../model/address.ts';
import { type NamespaceRequest, namespacePath } from '../model/namespace.ts';
import { quoted } from '../model/problem.ts';
import { askIp } from '../system/ask-ip.ts';
import { readText, removeFile } from '../system/files.ts';
import { forwardingSettings } from '../system/forwarding.ts';
import { isInterface, setSysctl, sysctl } from '../system/host.ts';
import { replacePublicFile } from '../system/public-file.ts';
import { run, tryRun } from '../system/run.ts';
import { hostEndOf } from './derived-mac.ts';
import { bridgePortUp } from './host-end.ts';
import { isOurResolvConf, nameServers, renderResolvConf } from './name-servers.ts';
import type { NamespacePlan } from './plan-namespace.ts';

/** Where ip-netns(8) looks for files that a namespace has in place of the host's. */
const folderOf = (name: string) => join('/etc/netns', name);
const resolvConf = (name: string) => join(folderOf(name), 'resolv.conf');

/**
 * Makes a namespace as planned; on a bridge, `connectNamespace` is still to be called.
 *
 * @returns what the administrator may want to know
 * @throws CommandError if the kernel refuses a part: what was made stays, for `unmakeNamespace`
 */
export function makeNamespace({ name, dns, link }: NamespaceRequest, plan: NamespacePlan): string[] {
  const doing = `making the namespace ${quoted(name)}`;
  run({ program: 'ip', args: ['netns', 'add', name] }, doing);
  batch([], plan.outside, doing);
  batch(['-n', name], plan.inside, doing);
  const families = [...new Set(plan.nic.addresses.map(familyOf))];
  return [
    ...writeResolvConf(name, nameServers(dns, hostResolvers.map(readText))),
    ...(link.kind === 'own' ? families.flatMap(forward) : []),
  ];
}

/** Lets neighbours on its bridge hear from it, once it has its rules. @throws CommandError if the kernel refuses it */
export function connectNamespace({ name, link }: NamespaceRequest): void {
  batch([], bridgePortUp(hostEndOf(name), link), `connecting the namespace ${quoted(name)}`);
}

/** Of the host; behind its resolver at 127.0.0.53, systemd-resolved writes down which servers that asks. */
const hostResolvers = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** Runs lines of ip-batch(8), with options before. @throws CommandError if one fails */
export function batch(before: readonly string[], lines: readonly string[], doing: string): void {
  if (lines.length === 0) return;
  run({ program: 'ip', args: [...before, '-batch', '-'], input: `${lines.join('\n')}\n` }, doing);
}

/** A file that the administrator put there stays. */
function writeResolvConf(name: string, servers: readonly string[]): string[] {
  const path = resolvConf(name);
  const before = readText(path);
  if (before !== undefined && !isOurResolvConf(before)) return [`${path} stays as it is`];
  if (servers.length === 0)
    return ["it has the host's resolv.conf, whose name servers it cannot reach (to give it one: --dns)"];
  mkdirSync(folderOf(name), { recursive: true, mode: 0o755 });
  replacePublicFile(path, renderResolvConf(servers));
  return [];
}

/** As libvirt does for its networks. A host that routes IPv6 takes no more default routes from routers, unless accept_ra is 2. */
export function forward(family: Family): string[] {
  const name = forwardingSettings[family];
  if (sysctl(name) !== '0') return [];
  const routes = family === 'ip' ? [] : askIp<{ protocol?: string }>(['-6', 'route', 'show', 'default']);
  if (routes.some(({ protocol }) => protocol === 'ra'))
    return [
      `${name} stays 0, because the host has its default route from a router: nothing of ${familyName(family)} is forwarded (set accept_ra to 2 on that interface, then ${name} to 1)`,
    ];
  setSysctl(name, '1');
  return [`${name} is 1 now`];
}

/**
 * Removes whatever there is of a namespace, also of one that was made halfway. A process that still runs in it loses its network, and
 * keeps the nameless rest until it ends.
 *
 * @throws CommandError if it cannot be removed
 */
export function unmakeNamespace(name: string): void {
  const doing = `removing the namespace ${quoted(name)}`;
  const hostEnd = hostEndOf(name);
  if (isInterface(hostEnd)) run({ program: 'ip', args: ['link', 'del', hostEnd] }, doing);
  if (lstatSync(namespacePath(name), { throwIfNoEntry: false }) !== undefined) {
    // The device of an uplink would stay on it as long as a process keeps the namespace.
    for (const inner of ['eth0', hostEnd])
      tryRun({ program: 'ip', args: ['-n', name, 'link', 'del', inner] });
    run({ program: 'ip', args: ['netns', 'del', name] }, doing);
  }
  removeResolvConf(name);
}

function removeResolvConf(name: string): void {
  const path = resolvConf(name);
  if (!isOurResolvConf(readText(path) ?? '')) return;
  removeFile(path);
  try {
    rmdirSync(folderOf(name));
  } catch (error) {
    // Other files of the administrator's are in it.
    if (existsSync(folderOf(name)) && (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
}

/** The processes that run in a namespace. */
export function processesIn(name: string): number[] {
  const pids = tryRun({ program: 'ip', args: ['netns', 'pids', name] }) ?? '';
  return pids.split('\n').flatMap((pid) => (/^\d+$/.test(pid) ? [Number(pid)] : []));
}
