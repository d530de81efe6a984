import '../own-folders.ts';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { AntispoofElement } from '../../../src/model/antispoof.ts';
import { paths } from '../../../src/model/paths.ts';
import {
  noteNeeded,
  recordedAntispoofTables,
  recordedFamilies,
  repairNeeded,
} from '../../../src/state/needed-tables.ts';
import { writeRecord } from '../../../src/state/records.ts';
import { folderTest as test } from '../own-folders.ts';
import { forwardOf, recordOf } from '../records.ts';

const file = join(paths.state, 'needed.json');
const port = (way: AntispoofElement['way']): AntispoofElement => ({ kind: 'vif', port: 'vif1.0', way });
const ofIp6 = forwardOf(80, { host: 'any6', guest: 'fd00::41' });
const needed = () => [recordedFamilies(), recordedAntispoofTables()];

test('since boot nothing but IPv4 was needed, and nothing is written for that', () => {
  expect(needed()).toEqual([['ip'], []]);
  noteNeeded([forwardOf(80)]);
  expect(existsSync(file)).toBe(false);
});

test('what was needed once stays, and tables have one order', () => {
  noteNeeded([port('routed')]);
  noteNeeded([ofIp6]);
  expect(needed()).toEqual([['ip', 'ip6'], ['inet']]);
  noteNeeded([port('bridged')]);
  expect(needed()).toEqual([
    ['ip', 'ip6'],
    ['bridge', 'inet'],
  ]);
  noteNeeded([]);
  expect(needed()).toEqual([
    ['ip', 'ip6'],
    ['bridge', 'inet'],
  ]);
});

test('what is noted already is not written again', () => {
  noteNeeded([ofIp6]);
  const { ino } = statSync(file);
  noteNeeded([ofIp6, forwardOf(80)]);
  expect(statSync(file).ino).toBe(ino);
});

test('an earlier version said it with empty files, which go when the file is written', () => {
  mkdirSync(paths.state, { recursive: true });
  const earlier = ['ip6', 'vifs-bridge'].map((name) => join(paths.state, name));
  for (const path of earlier) writeFileSync(path, '');
  expect(needed()).toEqual([['ip', 'ip6'], ['bridge']]);
  noteNeeded([port('routed')]);
  expect(needed()).toEqual([
    ['ip', 'ip6'],
    ['bridge', 'inet'],
  ]);
  expect(earlier.filter((path) => existsSync(path))).toEqual([]);
});

test('where the file cannot be read, records say what is needed, and it is written again', () => {
  expect(repairNeeded()).toBeUndefined();
  writeRecord(recordOf('web', { elements: [ofIp6, port('bridged')] }));
  for (const text of ['{', '{"format":1,"ports":["arp"]}', '{"format":1,"ip6":"yes"}']) {
    writeFileSync(file, text);
    expect(needed()).toEqual([['ip', 'ip6'], ['bridge']]);
    expect(repairNeeded()).toContain('written again from the records');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ format: 1, ip6: true, ports: ['bridge'] });
  }
  expect(repairNeeded()).toBeUndefined();
});
