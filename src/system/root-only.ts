import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem } from '../model/problem.ts';
import { shellWord } from '../model/shell-word.ts';

/** As many links as the kernel follows on one way (path_resolution(7)). */
const mostLinks = 40;

/** How others have access, and the shell command that ends it. */
interface Access {
  /** A clause: `can be written by all users`. */
  readonly problem: string;
  readonly command: string;
}

/** The same with the place where they have it: the path, or a folder or link on the way to it. */
export interface AccessAt extends Access {
  readonly at: string;
}

/**
 * How others than root could change what is at a path: they can write to it, or to a folder on the real way to it, in which
 * they could put something else there.
 *
 * @returns undefined if only root can, or nothing is there
 * @throws if the path cannot be looked at, for example a link to itself
 */
export function accessOfOthers(path: string): AccessAt | undefined {
  // It reports links that lead nowhere, or round in circles, as the kernel does.
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  const way = wayTo(path);
  const target = way.at(-1);
  // What the path leads to counts first, by the name that the administrator knows: commands follow links, too.
  const direct = target && accessTo(path, target.status, undefined);
  if (direct !== undefined) return { at: path, ...direct };
  for (const [index, { at, status }] of way.slice(0, -1).entries()) {
    const access = accessTo(at, status, way[index + 1]?.status);
    if (access !== undefined) return { at, ...access };
  }
  return undefined;
}

/** Why a configuration file or folder is not read: a user who can change a policy can open ports of the host. */
export function objectionTo(path: string): Problem | undefined {
  const access = accessOfOthers(path);
  return access && refusal(path, access);
}

/** The same for what is in a folder to which there was no objection. Looks once, unless it is a link. */
export function objectionWithin(path: string): Problem | undefined {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (status.isSymbolicLink()) return objectionTo(path);
  const access = accessTo(path, status, undefined);
  return access && refusal(path, { at: path, ...access });
}

interface Step {
  readonly at: string;
  readonly status: Stats;
}

/** Each folder and link on the way, in the order in which the kernel meets them, and what the path leads to. */
function wayTo(path: string): Step[] {
  let at = '/';
  const way: Step[] = [{ at, status: lstatSync(at) }];
  const ahead = partsOf(resolve(path));
  let links = 0;
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    const entry = resolve(at, name);
    const status = lstatSync(entry);
    way.push({ at: entry, status });
    if (!status.isSymbolicLink()) {
      at = entry;
      continue;
    }
    links += 1;
    if (links > mostLinks) throw new Error(`ELOOP: ${path} leads through more than ${mostLinks} links`);
    const target = readlinkSync(entry);
    if (target.startsWith('/')) at = '/';
    ahead.unshift(...partsOf(target));
  }
  return way;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/**
 * A POSIX ACL needs no look of its own: its mask limits what it gives to other users and groups, and the mask is what a
 * file's mode shows as the bits of its group (acl(5)). So the group's write bit counts whichever group it is, root's, too.
 *
 * @param next what is next on the way: in a folder like /tmp, the sticky bit lets only its owner replace it
 */
function accessTo(at: string, status: Stats, next: Stats | undefined): Access | undefined {
  const isLink = status.isSymbolicLink();
  const word = shellWord(at);
  if (status.uid !== 0) {
    const command = `chown ${isLink ? '-h ' : ''}root: ${word}`;
    return { problem: `belongs to user ${status.uid}, not to root`, command };
  }
  if (isLink || (status.mode & 0o022) === 0) return undefined;
  if (next?.uid === 0 && (status.mode & 0o1000) !== 0) return undefined;
  const who =
    (status.mode & 0o002) !== 0 ? 'all users' : `group ${status.gid} or the users and groups of its ACL`;
  return { problem: `can be written by ${who}`, command: `chmod go-w ${word}` };
}

function refusal(path: string, { at, problem, command }: AccessAt): Problem {
  const hint = command;
  const fix = `${command} && guestgate apply`;
  return at === path
    ? { where: path, problem: `${problem}, and is not read`, hint, fix }
    : { where: path, problem: `is not read: ${at}, on the way to it, ${problem}`, hint, fix };
}
