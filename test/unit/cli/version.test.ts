import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeVersion, version } from '../../../src/cli/version.ts';

test('the version is that of package.json', () => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  expect(version).toBe((JSON.parse(text) as { version: string }).version);
});

test('a report of a mistake needs commit, runtime and back ends: all are in --version, after the version', () => {
  expect(describeVersion().split('\n')).toEqual([
    `guestgate ${version}`,
    'commit: unknown (not built)',
    `runtime: Node.js ${process.versions.node}, ${process.platform} ${process.arch}`,
    'back ends: nftables, iptables-nft, iptables-legacy',
  ]);
});
