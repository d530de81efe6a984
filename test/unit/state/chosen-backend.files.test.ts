import '../own-folders.ts';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { earlierStateFiles, stateFiles } from '../../../src/model/state-files.ts';
import { readChosenBackend, writeChosenBackend } from '../../../src/state/chosen-backend.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';

test('a command that only looks makes no state folder', () => {
  writeChosenBackend('nftables');
  expect(existsSync(paths.state)).toBe(false);
});

test('the answer is remembered, and the file of an earlier version goes', () => {
  makeState();
  writeFileSync(earlierStateFiles.backend, 'nftables');
  expect(readChosenBackend()).toBeUndefined();
  writeChosenBackend('iptables-nft');
  expect(readChosenBackend()).toBe('iptables-nft');
  expect(readdirSync(paths.state)).toEqual(['backend.json']);
});

test.for(['', '{"format":1,"backend":"ipfw"}', '{"format":9,"backend":"nftables"}'])(
  'of %j nothing is believed: the host is asked again',
  (text) => {
    makeState();
    writeFileSync(stateFiles.backend, text);
    expect(readChosenBackend()).toBeUndefined();
  },
);
