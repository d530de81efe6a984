import '../own-folders.ts';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { configurationStamp } from '../../../src/state/configuration-stamp.ts';
import { folderTest as test } from '../own-folders.ts';

const main = join(paths.configuration, 'guestgate.toml');
const guests = join(paths.configuration, 'guests.d');
const web = join(guests, 'web.toml');

test('every change of the configuration changes it, and reading does not', () => {
  const seen = new Set<string>();
  const look = (step: string) => {
    const stamp = configurationStamp();
    expect(seen.has(stamp), step).toBe(false);
    expect(configurationStamp(), step).toBe(stamp);
    seen.add(stamp);
  };
  look('nothing there');
  mkdirSync(guests, { recursive: true });
  look('the folders');
  writeFileSync(main, '[host]');
  look('the main file');
  writeFileSync(main, '[host]\n');
  look('another length');
  chmodSync(main, 0o600);
  look('its mode');
  writeFileSync(web, 'a');
  look('a file of a guest');
  writeFileSync(web, 'ab');
  look('its content');
  renameSync(web, join(guests, 'mail.toml'));
  look('its name');
  rmSync(main);
  look('no main file');
  symlinkSync(main, main);
  look('a link to itself');
});

test('a file that is no configuration counts only by the folder that it is in', () => {
  mkdirSync(guests, { recursive: true });
  const other = join(guests, 'web.toml.bak');
  writeFileSync(other, 'a');
  const before = configurationStamp();
  writeFileSync(other, 'abc');
  expect(configurationStamp()).toBe(before);
});

test('of very many files their folder counts', () => {
  mkdirSync(guests, { recursive: true });
  for (let at = 0; at <= 200; at++) writeFileSync(join(guests, `${at}.toml`), '');
  expect(configurationStamp().split('|')).toHaveLength(3);
});
