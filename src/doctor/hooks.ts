import { hasDriverFolder, hasLibvirt } from '../libvirt/files.ts';
import { type HookFile, hookFiles } from '../libvirt/hook-files.ts';
import { type HookName, hookNames } from '../model/event.ts';
import { paths } from '../model/paths.ts';
import { shellWord } from '../model/shell-word.ts';
import type { Check, HostFinding } from './check.ts';

/** libvirt runs a hook that exists and is executable, and ignores any other (https://libvirt.org/hooks.html). */
export function judgeHook(hook: HookName, files: readonly HookFile[]): HostFinding[] {
  const [own] = files.filter(({ ours }) => ours);
  if (own === undefined) {
    const [other] = files;
    const instead =
      other === undefined ? 'there is no hook' : `the only hook is ${other.path}, of another program`;
    return [
      {
        severity: 'everything',
        subject: `hook ${hook}`,
        problem: `libvirt does not call guestgate: ${instead}`,
        fix: 'guestgate install',
      },
    ];
  }
  if (own.executable) return [];
  return [
    {
      severity: 'everything',
      subject: own.path,
      problem: `libvirt cannot run it: its target ${paths.program} is missing or not executable`,
      fix: `chmod 755 ${shellWord(paths.program)}`,
    },
  ];
}

/** Drivers that are not in use here need no hook, and a host without libvirt needs none. */
export const hooks: Check = () =>
  hookNames
    .filter(hasLibvirt)
    .filter((hook) => (hook !== 'lxc' && hook !== 'libxl') || hasDriverFolder(hook))
    .flatMap((hook) => judgeHook(hook, hookFiles(hook)));
