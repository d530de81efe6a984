import type { HookFile, Running } from '../libvirt/hook-files.ts';
import { hookFiles, running } from '../libvirt/hook-files.ts';
import { lastCalled } from '../state/last-hook-call.ts';
import type { Check, HostFinding } from './check.ts';

const daemons = ['libvirtd', 'virtqemud'];

/** The clocks of /proc and of file systems differ by a little, in milliseconds. */
const tolerance = 1000;

/**
 * A driver that found no hook when libvirtd started looks for it again only when libvirtd reloads.
 *
 * @param called when libvirt last called any of our hooks, as far as it is known
 */
export function judgeDaemon(
  hook: HookFile | undefined,
  found: readonly Running[],
  called: number | undefined,
): HostFinding[] {
  if (hook === undefined || (called ?? 0) > hook.since) return [];
  return found
    .filter(({ since }) => since + tolerance < hook.since)
    .map(({ name, pid }) => ({
      severity: 'everything',
      subject: `${name} (process ${pid})`,
      problem: `it started before ${hook.path} was installed, and has not called it since: it may not know the hook`,
      fix: `systemctl reload ${name}`,
    }));
}

export const libvirtDaemon: Check = () =>
  judgeDaemon(
    hookFiles('qemu').find(({ ours }) => ours),
    running(daemons),
    lastCalled(),
  );
