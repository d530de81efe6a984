import '../own-folders.ts';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import {
  isOurVifCommon,
  isVifCommonLost,
  vifCommon,
  vifCommonStock,
  vifHook,
  xenCallsUs,
} from '../../../src/xen/xen-scripts.ts';
import { folderTest as test } from '../own-folders.ts';

const ours = readFileSync(new URL('../../../xen-scripts/vif-common.sh', import.meta.url), 'utf8');
function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

test('a host without Xen’s scripts does not call guestgate, and has lost nothing', () => {
  expect(xenCallsUs()).toBe(false);
  expect(isVifCommonLost()).toBe(false);
});

test('the file that guestgate installs is known as its own', () => {
  put(vifCommon, ours);
  expect(isOurVifCommon()).toBe(true);
  expect(xenCallsUs()).toBe(true);
});

test('Xen’s own file calls guestgate by a hook that can be run', () => {
  put(vifCommon, '# guestgate_vif_common= is only named here\n');
  expect(xenCallsUs()).toBe(false);
  put(vifHook, '');
  expect(xenCallsUs(), 'not executable').toBe(false);
  put(`${vifHook}.x`, '', 0o755);
  expect(xenCallsUs(), 'another hook').toBe(false);
});

test('an upgrade of Xen that replaced guestgate’s file is noticed by the file that was kept', () => {
  put(vifCommon, 'Xen’s\n');
  expect(isVifCommonLost()).toBe(false);
  put(vifCommonStock, 'Xen’s\n');
  expect(isVifCommonLost()).toBe(true);
  put(vifCommon, ours);
  expect(isVifCommonLost()).toBe(false);
});
