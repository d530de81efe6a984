import '../own-folders.ts';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import {
  readLeasesAtStart,
  removeLeasesAtStart,
  writeLeasesAtStart,
} from '../../../src/state/leases-at-start.ts';
import { folderTest as test } from '../own-folders.ts';

const web = { driver: 'qemu', name: 'web' } as const;
const mac = '52:54:00:aa:bb:01';
const lease = { mac, address: '192.168.122.41', expires: 1_700_000_000 };

test('what was noted for one guest is not known for another', () => {
  expect(readLeasesAtStart(web)).toEqual([]);
  writeLeasesAtStart(web, [{ mac, leases: [lease] }]);
  expect(readLeasesAtStart(web)).toEqual([{ mac, leases: [lease] }]);
  expect(readLeasesAtStart({ driver: 'lxc', name: 'web' })).toEqual([]);
});

test('an interface without a lease is another thing than an interface that was not looked at', () => {
  writeLeasesAtStart(web, [{ mac, leases: [] }]);
  expect(readLeasesAtStart(web)).toEqual([{ mac, leases: [] }]);
});

test('the end of a guest that has none, and of one that has some', () => {
  removeLeasesAtStart(web);
  writeLeasesAtStart(web, []);
  removeLeasesAtStart(web);
  expect(readdirSync(join(paths.state, 'leases'))).toEqual([]);
});

test.for([
  '{',
  '{"format":1}',
  '{"format":1,"interfaces":[{"mac":"x","leases":[{"mac":"x"}]}]}',
  '{"format":1,"interfaces":[{"mac":"x","leases":[{"mac":"x","address":"y","expires":"soon"}]}]}',
])('of %j nothing is believed', (text) => {
  mkdirSync(join(paths.state, 'leases'), { recursive: true });
  writeFileSync(join(paths.state, 'leases', 'qemu-web.json'), text);
  expect(readLeasesAtStart(web)).toEqual([]);
});
