import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { families } from '../../../src/model/address.ts';
import {
  bridgedFramesSetting,
  bridgeOf,
  hasLegacyTable,
  hasProgram,
  hostFamilies,
  interfaceSetting,
  isHairpinOff,
  isInterface,
  keepsLoopback,
  lacksHairpin,
  routeLoopback,
  sysctl,
} from '../../../src/system/host.ts';

test('a program is found in PATH, under any of its names, if it may be run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guestgate-path-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'gg-program'), '', { mode: 0o755 });
  writeFileSync(join(folder, 'gg-text'), '', { mode: 0o644 });
  expect(hasProgram('gg-program')).toBe(false);
  vi.stubEnv('PATH', `:${folder}`);
  onTestFinished(() => vi.unstubAllEnvs() && undefined);
  expect(hasProgram('gg-program')).toBe(true);
  expect(hasProgram('gg-missing', 'gg-program')).toBe(true);
  expect(hasProgram('gg-text')).toBe(false);
  expect(hasProgram()).toBe(false);
});

test('standard folders count even where PATH names none: libvirtd’s may be short', () => {
  vi.stubEnv('PATH', '');
  onTestFinished(() => vi.unstubAllEnvs() && undefined);
  expect(hasProgram('sh')).toBe(true);
});

test('settings of the kernel: one that is there, one that is not', () => {
  expect(sysctl('kernel.ostype')).toBe('Linux');
  expect(sysctl('kernel.gg_missing')).toBeUndefined();
  expect(bridgedFramesSetting('ip6')).toBe('net.bridge.bridge-nf-call-ip6tables');
});

test('an interface that is there, and one that is not', () => {
  expect(isInterface('lo')).toBe(true);
  expect(interfaceSetting('lo', 'forwarding')).toMatch(/^[01]$/);
  for (const ask of [isInterface, isHairpinOff, lacksHairpin, keepsLoopback])
    expect(ask('gg-missing0')).toBe(false);
  expect(bridgeOf('gg-missing0')).toBeUndefined();
  expect(interfaceSetting('gg-missing0', 'forwarding')).toBeUndefined();
});

test('a bridge that is gone takes its setting with it', () => {
  expect(() => routeLoopback('gg-missing0', true)).not.toThrow();
});

test('a kernel has IPv4 at least; looking for a table of iptables-legacy makes none', () => {
  expect(hostFamilies()).toContain('ip');
  for (const family of families) expect(hasLegacyTable(family, 'gg-missing')).toBe(false);
});
