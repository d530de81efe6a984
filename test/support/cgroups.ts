import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from './sandbox.ts';

/*
 * Control groups for a sandbox whose guests need them. The kernel has one tree of them for the whole machine (version 2),
 * or one for each controller (version 1), or both, and a sandbox has a new /sys without any. It gets a group of its own in
 * each tree and sees that as the root (cgroup_namespaces(7)): all that is made in there lies within.
 */

/** Whose group it is, is in its name: those of tests that were killed can be told. */
const prefix = 'guestgate-test-';

/** Lines of type, options and place. What the sandbox's /sys covers is listed still, and libvirt looks for it where it was. */
const list = String.raw`
sed -nE 's,^[^ ]+ /sys/fs/cgroup([^ ]*) (cgroup2?) ([^ ]+) .*,\2 \3 .\1,p' /proc/mounts | sort -u >/tmp/cgroups.list
[ -s /tmp/cgroups.list ] || { echo 'this machine has no control groups at /sys/fs/cgroup' >&2; exit 1; }
`;

/** Our group in each of the machine's trees, which are at /tmp/cgroups meanwhile; then /sys/fs/cgroup, where the trees begin at our group. */
const setup = `
${list}
mount_tree() {
  # What is no controller and no name belongs to the mount.
  own=$(echo "$2" | tr , '\\n' | grep -Ex 'name=.*|[a-z_]+' | grep -Exv 'r[wo]|no.*|relatime|xattr|clone_children' | paste -sd,)
  [ "$1" = cgroup ] || own=rw
  mkdir -p "$3"
  $4 mount -t "$1" -o "$own" cgroup "$3"
}
mkdir /tmp/cgroups; cd /tmp/cgroups
while read -r type options place; do
  mount_tree "$type" "$options" "$place"
  mkdir -p "$place/$1/daemon"
  for file in cpuset.cpus cpuset.mems; do # without these nothing runs in a group of version 1
    [ "$type" = cgroup ] && [ -e "$place/$file" ] || continue
    cat "$place/$file" >"$place/$1/$file"; cat "$place/$file" >"$place/$1/daemon/$file"
  done
  echo 0 >"$place/$1/cgroup.procs"
done </tmp/cgroups.list
touch /run/cgroup-namespace; unshare --cgroup=/run/cgroup-namespace true
cd /; umount -R /tmp/cgroups 2>/dev/null || umount /tmp/cgroups/* # libvirt would take whatever is mounted
if ! grep -q ' [.]$' /tmp/cgroups.list; then mount -t tmpfs cgroup /sys/fs/cgroup; fi
cd /sys/fs/cgroup
while read -r type options place; do
  mount_tree "$type" "$options" "$place" 'nsenter --cgroup=/run/cgroup-namespace'
done </tmp/cgroups.list
`;

/** A daemon in a group within ours: one of version 2 that has processes itself gives its controllers to no others. */
const daemon = `#!/bin/sh -e
while read -r type options place; do echo 0 >"/sys/fs/cgroup/$place/daemon/cgroup.procs"; done </tmp/cgroups.list
exec nsenter --cgroup=/run/cgroup-namespace PROGRAM "$@"
`;

/**
 * From now on `/usr/local/sbin/NAME`, which comes first in everybody's PATH, starts a daemon with control groups.
 *
 * @param program the daemon, by its whole path
 * @returns what takes the groups away, to be called when the sandbox is gone
 */
export function giveControlGroups(sandbox: Sandbox, program: string): () => void {
  removeGroups((pid) => !existsSync(`/proc/${pid}`));
  const group = `${prefix}${process.pid}`;
  sandbox.run('sh', ['-ec', setup, 'sh', group]);
  const wrapper = `/usr/local/sbin/${program.slice(program.lastIndexOf('/') + 1)}`;
  sandbox.write(wrapper, daemon.replace('PROGRAM', program));
  sandbox.run('chmod', ['+x', wrapper]);
  return removeControlGroups;
}

/** Those that this test made. */
export function removeControlGroups(): void {
  removeGroups((pid) => pid === process.pid);
}

function removeGroups(isMeant: (pid: number) => boolean): void {
  const top = '/sys/fs/cgroup';
  const trees = [top, ...readdirSync(top).map((name) => join(top, name))];
  const groups = trees.flatMap((tree) => groupsIn(tree).map((name) => join(tree, name)));
  for (const group of groups.filter((path) => isMeant(Number(path.split(prefix)[1]))))
    execFileSync('find', [group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+']);
}

function groupsIn(tree: string): string[] {
  try {
    return readdirSync(tree).filter((name) => name.startsWith(prefix));
  } catch {
    return []; // a file
  }
}
