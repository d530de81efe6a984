// Makes a .deb, and stages an .rpm, with a small file in the place of the program. Run by bun: FOLDER; prints what they contain.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeDeb } from '../../install/package/deb.ts';
import { filesIn, settle, stage } from '../../install/package/stage.ts';
import { makeTarball } from '../../install/package/tarball.ts';

const folder = process.argv[2] ?? '';
const release = { version: '1.2.3', time: 1_800_000_000, thirdParty: 'licences\n' };
mkdirSync(folder, { recursive: true });
stage(join(folder, 'deb'), 'debian', 'LICENSE', release);
stage(join(folder, 'rpm'), 'other', 'LICENSE', release);
settle(join(folder, 'rpm'), release.time);
const sum = (file: string) => execFileSync('sha256sum', [file], { encoding: 'utf8' }).split(' ')[0];
const staged = filesIn(join(folder, 'rpm'));
const deb = makeDeb(join(folder, 'deb'), folder, 'amd64', release);
const archive = makeTarball(folder, folder, 'LICENSE', 'linux-x64', release);
console.log(JSON.stringify({ deb, archive, staged, sums: [deb, archive].map(sum) }));
