import { backendNames } from '../model/backend-name.ts';

/** The version of this program, as package.json has it. */
export const version = '0.1.0';

/** The commit that the build was made from. The build puts it here; the sources have none. */
declare const builtFrom: string | undefined;

/** `guestgate --version`: the first line is name and version alone, for scripts. */
export function describeVersion(): string {
  const { bun, node } = process.versions;
  return [
    `guestgate ${version}`,
    `commit: ${typeof builtFrom === 'undefined' ? 'unknown (not built)' : builtFrom}`,
    `runtime: ${bun === undefined ? `Node.js ${node}` : `bun ${bun}`}, ${process.platform} ${process.arch}`,
    `back ends: ${backendNames.join(', ')}`,
  ].join('\n');
}
