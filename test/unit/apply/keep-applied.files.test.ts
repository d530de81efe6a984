import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeEach, expect } from 'vitest';
import { keepIfApplied } from '../../../src/apply/keep-applied.ts';
import { failure } from '../../../src/model/finding.ts';
import { paths } from '../../../src/model/paths.ts';
import { readApplied } from '../../../src/state/configuration-copy.ts';
import { configurationStamp } from '../../../src/state/configuration-stamp.ts';
import { folderTest as test } from '../own-folders.ts';

beforeEach(() => {
  mkdirSync(paths.configuration, { recursive: true });
  writeFileSync(`${paths.configuration}/guestgate.toml`, '');
});

const applied = (isValid: boolean) => ({ stamp: configurationStamp(), isValid });

test('a configuration that was applied in whole is kept, also if a guest has no address yet', () => {
  keepIfApplied(applied(true), [failure('web', new Error('no lease'), 'no-address')]);
  expect(readApplied()?.files).toHaveLength(1);
});

test('one with a mistake, or that the kernel refused, is not kept', () => {
  keepIfApplied(applied(false), []);
  keepIfApplied(applied(true), [failure('web', new Error('nft failed'), 'refused')]);
  expect(readApplied()).toBeUndefined();
});
