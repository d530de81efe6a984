import { expect, test } from 'vitest';
import { portTag, tagNumber } from '../../../../src/backends/antispoof/port-tag.ts';

test('a tag is a MAC address that no interface has by chance, the same for the same port', () => {
  expect(portTag('vif1.0')).toMatch(/^06(:[\da-f]{2}){5}$/);
  expect(Number.parseInt(portTag('vif1.0').replaceAll(':', ''), 16)).toBe(tagNumber('vif1.0'));
  expect(portTag('vif1.0')).toBe(portTag('vif1.0'));
});

test('each port has its own', () => {
  const ports = Array.from({ length: 3000 }, (_, id) => [`vif${id}.0`, `vif${id}.0-emu`]).flat();
  expect(new Set(ports.map(portTag)).size).toBe(ports.length);
});
