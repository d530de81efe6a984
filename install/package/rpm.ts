import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { filesIn, putFile, type Release, settle } from './stage.ts';

/** Makes an .rpm of a staged folder. @returns its file */
export function makeRpm(root: string, output: string, architecture: string, release: Release): string {
  putFile(root, '/usr/share/licenses/guestgate/LICENSE', readFileSync('LICENSE', 'utf8'));
  const files = filesIn(root);
  settle(root, release.time);
  const work = resolve(`${root}.rpmbuild`);
  mkdirSync(work, { recursive: true });
  putFile(work, 'files', files.map((path) => `"/${path}"\n`).join(''));
  const defines = {
    _topdir: work,
    stage: resolve(root),
    file_list: join(work, 'files'),
    release_version: release.version,
    release_day: day(release.time),
    // What would differ from one build to the next.
    _buildhost: 'localhost',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    _binary_payload: 'w2.xzdio',
  };
  const options = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  execFileSync(
    'rpmbuild',
    ['-bb', '--quiet', '--target', `${architecture}-linux`, ...options, 'pkg/rpm/guestgate.spec'],
    {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(release.time) },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const folder = join(work, 'RPMS', architecture);
  const name = readdirSync(folder)[0] ?? '';
  renameSync(join(folder, name), join(output, name));
  return join(output, name);
}

/** As %changelog has it: `Fri Nov 27 2026`. */
function day(time: number): string {
  const [weekday, date, month, year] = new Date(time * 1000).toUTCString().replace(',', '').split(' ');
  return [weekday, month, date, year].join(' ');
}
