import { expect, test } from 'vitest';
import { rebuild } from '../../../../src/backends/antispoof/rebuild.ts';
import type { AntispoofElement } from '../../../../src/model/antispoof.ts';

const bridged: AntispoofElement = { kind: 'vif', port: 'vif1.0', way: 'bridged' };
const routed: AntispoofElement = { kind: 'vif', port: 'vif2.0', way: 'routed' };
const tablesIn = (commands: ReturnType<typeof rebuild>) =>
  [...(commands[0]?.input ?? '').matchAll(/^table (\w+) guestgate \{/gm)].map(([, family]) => family);

test('nothing to check, and no table that was there: no program runs', () => {
  expect(rebuild([{ label: 'web', ports: [] }], [])).toEqual([]);
});

test('a table is made for the ports that are there, and for those that were', () => {
  const guests = (...ports: AntispoofElement[]) => [{ label: 'web', ports }];
  expect(tablesIn(rebuild(guests(bridged), []))).toEqual(['bridge']);
  expect(tablesIn(rebuild(guests(routed), []))).toEqual(['inet']);
  expect(tablesIn(rebuild(guests(routed), ['bridge']))).toEqual(['bridge', 'inet']);
});

test('all of it is one transaction: the old table goes, the new one has its chains, then its entries', () => {
  const [command, ...others] = rebuild([{ label: 'web%3B', ports: [bridged, routed] }], []);
  expect(others).toEqual([]);
  expect(command).toMatchObject({ program: 'nft', args: ['-f', '-'] });
  const text = command?.input ?? '';
  const places = [
    'delete table bridge guestgate',
    'table bridge guestgate {',
    'add element bridge guestgate vifs { "vif1.0" comment "web%3B" }',
  ].map((part) => text.indexOf(part));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
