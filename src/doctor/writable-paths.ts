import { hookFiles } from '../libvirt/hook-files.ts';
import { hookNames } from '../model/event.ts';
import { paths } from '../model/paths.ts';
import { type AccessAt, accessOfOthers } from '../system/root-only.ts';
import type { Check, HostFinding } from './check.ts';

/** Others can change what root runs, or the state that guestgate believes. No forward is blocked by it. */
export function judgeAccess(looks: readonly (readonly [path: string, access: AccessAt])[]): HostFinding[] {
  // What is on the way to several paths is one finding.
  const byPlace = new Map(looks.map(([path, access]) => [access.at, { path, access }] as const).reverse());
  return [...byPlace.values()].reverse().map(({ path, access: { at, problem, command } }) => ({
    severity: 'later',
    subject: path,
    problem: `others than root can change what root runs or reads here: ${at === path ? 'it' : `${at}, on the way to it,`} ${problem}`,
    fix: command,
  }));
}

/** `check` looks at the files of the configuration. */
export const writablePaths: Check = () => {
  const hooks = hookNames.flatMap((name) => hookFiles(name).map(({ path }) => path));
  const all = [paths.program, paths.state, paths.libvirtHooks, ...hooks, paths.xenScripts];
  return judgeAccess(
    all.flatMap((path) => {
      const access = accessOf(path);
      return access === undefined ? [] : [[path, access] as const];
    }),
  );
};

/** A link that leads nowhere, or in a circle, is a finding of the check of hooks. */
function accessOf(path: string): AccessAt | undefined {
  try {
    return accessOfOthers(path);
  } catch {
    return undefined;
  }
}
