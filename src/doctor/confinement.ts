import { realpathSync } from 'node:fs';
import { hookFiles } from '../libvirt/hook-files.ts';
import { paths } from '../model/paths.ts';
import { shellWord } from '../model/shell-word.ts';
import { readText } from '../system/files.ts';
import type { Check, HostFinding } from './check.ts';

/** The settings of mandatory access control that concern hooks. */
export interface Confinement {
  /** /sys/kernel/security/apparmor/profiles: a line a profile, `libvirtd (enforce)`. */
  readonly profiles: string;
  /** /sys/fs/selinux/enforce. */
  readonly enforcing: string | undefined;
  /** /sys/fs/selinux/booleans/virt_hooks_unconfined: the present value and the pending one. */
  readonly unconfined: string | undefined;
  /** The target of the hook's link; undefined if it has none. */
  readonly program: string | undefined;
}

/** Folders whose programs the profile of Debian and Ubuntu lets libvirtd run (usr.sbin.libvirtd). */
const allowed = /^\/(usr\/)?s?bin\/|^\/etc\/libvirt\/hooks\//;

export function judgeConfinement({ profiles, enforcing, unconfined, program }: Confinement): HostFinding[] {
  const findings: HostFinding[] = [];
  const confined = /^(\/usr\/sbin\/)?(libvirtd|virtqemud) \(enforce\)$/m.test(profiles);
  if (confined && program !== undefined && !allowed.test(program))
    findings.push({
      severity: 'everything',
      subject: 'AppArmor',
      problem: `its profile of libvirtd does not allow ${program}, the target of the hooks`,
      fix: `cp --remove-destination ${shellWord(program)} ${paths.program}`,
    });
  if (enforcing?.trim() === '1' && unconfined?.trim().startsWith('0') === true)
    findings.push({
      severity: 'everything',
      subject: 'SELinux',
      problem: 'it confines hooks of libvirt (virt_hooks_unconfined is off): they cannot change the firewall',
      fix: 'setsebool -P virt_hooks_unconfined on',
    });
  return findings;
}

export const confinement: Check = () =>
  judgeConfinement({
    profiles: readQuietly('/sys/kernel/security/apparmor/profiles') ?? '',
    enforcing: readQuietly('/sys/fs/selinux/enforce'),
    unconfined: readQuietly('/sys/fs/selinux/booleans/virt_hooks_unconfined'),
    program: hookProgram(),
  });

function hookProgram(): string | undefined {
  const path = hookFiles('qemu').find(({ ours }) => ours)?.path;
  try {
    return path === undefined ? undefined : realpathSync(path);
  } catch {
    return undefined;
  }
}

function readQuietly(path: string): string | undefined {
  try {
    return readText(path);
  } catch {
    return undefined;
  }
}
