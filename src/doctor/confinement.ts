import { realpathSync } from 'node:fs';
import { hookFiles } from '../libvirt/hook-files.ts';
import { paths } from '../model/paths.ts';
import { readText } from '../system/files.ts';
import type { Check, Finding } from './finding.ts';
import { shellWord } from './guests-of.ts';

/** What of mandatory access control bears on hooks. */
export interface Confinement {
  /** /sys/kernel/security/apparmor/profiles: a line a profile, `libvirtd (enforce)`. */
  readonly profiles: string;
  /** /sys/fs/selinux/enforce. */
  readonly enforcing: string | undefined;
  /** /sys/fs/selinux/booleans/virt_hooks_unconfined: as it is, and as it is to become. */
  readonly unconfined: string | undefined;
  /** Where the hook's link leads to; undefined if it leads nowhere. */
  readonly program: string | undefined;
}

/** Folders whose programs the profile of Debian and Ubuntu lets libvirtd run (usr.sbin.libvirtd). */
const allowed = /^\/(usr\/)?s?bin\/|^\/etc\/libvirt\/hooks\//;

export function judgeConfinement({ profiles, enforcing, unconfined, program }: Confinement): Finding[] {
  const findings: Finding[] = [];
  const confined = /^(\/usr\/sbin\/)?(libvirtd|virtqemud) \(enforce\)$/m.test(profiles);
  if (confined && program !== undefined && !allowed.test(program))
    findings.push({
      severity: 'everything',
      what: `AppArmor's profile of libvirtd does not let it run ${program}, which its hooks lead to`,
      fix: `cp --remove-destination ${shellWord(program)} ${paths.program}`,
    });
  if (enforcing?.trim() === '1' && unconfined?.trim().startsWith('0') === true)
    findings.push({
      severity: 'everything',
      what: 'SELinux confines what libvirt runs as a hook (virt_hooks_unconfined is off): it may not change the firewall',
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
