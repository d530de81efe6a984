import '../own-folders.ts';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Claim, PortClaim } from '../../../src/model/claim.ts';
import { paths } from '../../../src/model/paths.ts';
import { readClaims, rebuildClaims, replaceClaims } from '../../../src/state/claims.ts';
import { folderTest as test } from '../own-folders.ts';

const folder = join(paths.state, 'claims');
const port = (first: number, last = first, more: Partial<PortClaim> = {}): Claim => ({
  host: 'any',
  protocol: 'tcp',
  ports: { first, last },
  ...more,
});

test('a claim is found by what is near it, and not by its own holder', () => {
  replaceClaims('qemu-web', [], [port(8443)]);
  expect(readClaims([port(8443)], 'qemu-mail')).toEqual([{ claim: port(8443), holder: 'qemu-web' }]);
  expect(readClaims([port(8443)], 'qemu-web')).toEqual([]);
  expect(readClaims([port(8443, 8443, { protocol: 'udp' })], 'qemu-mail')).toEqual([]);
  expect(readClaims([port(100)], 'qemu-mail')).toEqual([]);
});

test('a wide range and a port within it find each other', () => {
  replaceClaims('qemu-game', [], [port(20000, 30000)]);
  replaceClaims('qemu-web', [], [port(25000)]);
  expect(
    readClaims([port(25000)], 'qemu-x')
      ?.map(({ holder }) => holder)
      .sort(),
  ).toEqual(['qemu-game', 'qemu-web']);
  expect(readClaims([port(20000, 30000)], 'qemu-game')?.map(({ holder }) => holder)).toEqual(['qemu-web']);
});

test('addresses and ports of IPv6 are read as they were written', () => {
  const claims: Claim[] = [
    { host: '203.0.113.12' },
    { host: '2001:db8::12' },
    port(53, 53, { host: '2001:db8::1', protocol: 'udp' }),
  ];
  replaceClaims('qemu-mail', [], claims);
  expect(readClaims(claims, 'qemu-x')?.map(({ claim }) => claim)).toEqual(claims);
});

test('a name that ends in another name is another holder', () => {
  replaceClaims('qemu-web', [], [port(80)]);
  replaceClaims('qemu-my web', [], [port(81)]);
  replaceClaims('qemu-web', [port(80)], []);
  expect(readFileSync(join(folder, 'tcp-5'), 'utf8')).toContain('81-81');
});

test('what is given up is gone, others stay, and the last line takes its file with it', () => {
  replaceClaims('qemu-a', [], [port(80), { host: '203.0.113.9' }]);
  replaceClaims('qemu-b', [], [port(81)]);
  replaceClaims('qemu-a', [port(80), { host: '203.0.113.9' }], []);
  expect(readdirSync(folder)).toEqual(['tcp-5']);
  expect(readClaims([port(80)], 'qemu-x')).toEqual([{ claim: port(81), holder: 'qemu-b' }]);
});

test('a damaged file is unknown, not empty: the records tell', () => {
  replaceClaims('qemu-a', [], [port(80)]);
  for (const text of ['tcp 80-80 any\n', 'icmp 80-80 any qemu-a\n', 'tcp 80-x any qemu-a\n']) {
    writeFileSync(join(folder, 'tcp-5'), text);
    expect(readClaims([port(80)], 'qemu-b'), text).toBeUndefined();
  }
  writeFileSync(join(folder, 'udp-5'), 'garbage');
  expect(readClaims([port(5000)], 'qemu-b'), 'another neighbourhood').toEqual([]);
});

test('a folder in place of a file is unknown, too', () => {
  mkdirSync(join(folder, 'tcp-5'), { recursive: true });
  expect(readClaims([port(80)], 'qemu-b')).toBeUndefined();
});

test('a rebuilt index holds what it is given and nothing else', () => {
  replaceClaims('qemu-old', [], [port(80), port(4000), { host: '203.0.113.9' }]);
  rebuildClaims([
    { claim: port(80), holder: 'qemu-a' },
    { claim: port(81), holder: 'qemu-b' },
    { claim: port(20000, 30000), holder: 'qemu-b' },
  ]);
  expect(readdirSync(folder)).toEqual(['tcp-5', 'tcp-wide']);
  expect(readClaims([port(80)], 'qemu-a')?.map(({ holder }) => holder)).toEqual(['qemu-b', 'qemu-b']);
});
