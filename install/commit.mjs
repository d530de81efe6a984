// What a build is made from, so that the same commit makes the same bytes.
import { spawnSync } from 'node:child_process';

/** @returns {string} the commit, with `-modified` if sources differ from it; `unknown` outside a git repository */
export function commit() {
  return git('describe', '--always', '--abbrev=12', '--exclude=*', '--dirty=-modified') ?? 'unknown';
}

/**
 * When the commit was made, in seconds since 1970: what the files of a package are dated with (SOURCE_DATE_EPOCH,
 * https://reproducible-builds.org/specs/source-date-epoch/).
 */
export function commitTime() {
  const time = process.env.SOURCE_DATE_EPOCH ?? git('log', '-1', '--format=%ct');
  if (time === undefined || !/^\d+$/.test(time))
    throw new Error('dating the packages: outside a git repository, set SOURCE_DATE_EPOCH');
  return Number(time);
}

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
