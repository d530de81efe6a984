import { spawnSync } from 'node:child_process';

/* What a build is made from, so that the same commit makes the same bytes. */

/** The commit, with `-modified` if the sources differ from it; `unknown` outside a git repository. */
export function commit(): string {
  return git('describe', '--always', '--abbrev=12', '--exclude=*', '--dirty=-modified') ?? 'unknown';
}

/**
 * When the commit was made, in seconds since 1970: the date of all files in a package (SOURCE_DATE_EPOCH,
 * https://reproducible-builds.org/specs/source-date-epoch/).
 *
 * @throws Error outside a git repository, if the environment does not say it
 */
export function commitTime(): number {
  const time = process.env['SOURCE_DATE_EPOCH'] ?? git('log', '-1', '--format=%ct');
  if (time === undefined || !/^\d+$/.test(time))
    throw new Error('dating the packages: outside a git repository, set SOURCE_DATE_EPOCH');
  return Number(time);
}

function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
