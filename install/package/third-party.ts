import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from '../compile.mjs';

const bunsLicence = `bun (https://bun.sh), the runtime in the executable: MIT License. It contains JavaScriptCore and WTF of WebKit (LGPL-2.1
and BSD-2-Clause), BoringSSL, and other libraries: https://bun.sh/docs/project/license lists them, with their sources.`;

/** The licences of all npm packages that are in the program, and what there is to say of bun. */
export function thirdPartyLicences({ inputs }: Metafile): string {
  const names = Object.keys(inputs).flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [bunsLicence, ...[...new Set(names)].sort().map(licenceOf)]
    .join(`\n\n${'-'.repeat(72)}\n\n`)
    .concat('\n');
}

function licenceOf(name: string): string {
  const folder = join('node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license: string;
  };
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`;
  return `${name} ${version}: ${license}${text}`;
}
