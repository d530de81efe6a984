import { hasDriverFolder, hasLibvirt } from '../libvirt/files.ts';
import { type HookFile, hookFiles } from '../libvirt/hook-files.ts';
import { type HookName, hookNames } from '../model/event.ts';
import { paths } from '../model/paths.ts';
import type { Check, Finding } from './finding.ts';
import { shellWord } from './guests-of.ts';

/** libvirt runs a hook that is there and executable, and says nothing of one that is not (https://libvirt.org/hooks.html). */
export function judgeHook(hook: HookName, files: readonly HookFile[]): Finding[] {
  const [own] = files.filter(({ ours }) => ours);
  if (own === undefined) {
    const [other] = files;
    const instead = other === undefined ? 'nothing' : `only ${other.path}, which is somebody else's,`;
    return [
      {
        severity: 'everything',
        what: `libvirt does not call guestgate at events of ${hook}: ${instead} is where its hooks are`,
        fix: 'guestgate install',
      },
    ];
  }
  if (own.executable) return [];
  return [
    {
      severity: 'everything',
      what: `libvirt cannot run ${own.path}, which leads to ${paths.program}: it is not there, or not executable`,
      fix: `chmod 755 ${shellWord(paths.program)}`,
    },
  ];
}

/** Drivers that nobody uses here need no hook, and a host without libvirt needs none. */
export const hooks: Check = () =>
  hookNames
    .filter(hasLibvirt)
    .filter((hook) => (hook !== 'lxc' && hook !== 'libxl') || hasDriverFolder(hook))
    .flatMap((hook) => judgeHook(hook, hookFiles(hook)));
