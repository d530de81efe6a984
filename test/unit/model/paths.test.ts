import { isAbsolute, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { paths } from '../../../src/model/paths.ts';

const all = Object.values(paths).flat();

test('every path is absolute and normal: libvirt calls hooks in whatever folder it is in', () => {
  for (const path of all) {
    expect(isAbsolute(path), path).toBe(true);
    expect(normalize(path)).toBe(path);
    expect(path.endsWith('/'), path).toBe(false);
  }
});

test('the state is in a folder of its own: uninstall removes it whole', () => {
  expect(all.filter((path) => path !== paths.state && `${path}/`.startsWith(`${paths.state}/`))).toEqual([]);
  expect(paths.state.split('/').length).toBeGreaterThan(2);
});
