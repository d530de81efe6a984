import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const file = fileURLToPath(new URL('../../../package-lock.json', import.meta.url));
const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
  packages: Readonly<Record<string, { integrity?: string; resolved?: string }>>;
};
const installed = Object.entries(packages).filter(([path]) => path !== '');

test('npm checks what it installs: each package has a strong hash', () => {
  const without = installed.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''));
  expect(without.map(([path]) => path)).toEqual([]);
  expect(installed.length).toBeGreaterThan(100);
});

test('each package comes from the registry that npm is set up for', () => {
  expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});
