import { expect, test } from 'vitest';
import { antispoof } from '../../../../src/backends/antispoof/transaction.ts';
import type { AntispoofElement } from '../../../../src/model/antispoof.ts';

const port: AntispoofElement = { kind: 'vif', port: 'vif1.0', way: 'bridged', sources: ['10.0.0.2/32'] };
const change = (before: readonly AntispoofElement[], after: readonly AntispoofElement[]) =>
  antispoof.change([{ label: 'web', before, after }]);

test('a port that stays is asked for again: where the kernel lost it, nothing is missing afterwards', () => {
  const [command, ...others] = change([port], [port]);
  expect(others).toEqual([]);
  expect(command?.input).toContain('add element bridge guestgate checked { "vif1.0" comment "web" }');
  expect(command?.input).not.toContain('delete');
});

test('what changes is deleted and added in one transaction, deletions first', () => {
  const [command, ...others] = change([port], [{ ...port, sources: ['10.0.0.3/32'] }]);
  expect(others).toEqual([]);
  const text = command?.input ?? '';
  expect(text).toContain('delete element bridge guestgate sources { "vif1.0" . 10.0.0.2/32 }');
  expect(text.lastIndexOf('delete element')).toBeLessThan(text.indexOf('add element'));
  expect(text).toContain('"vif1.0" . 10.0.0.3/32 comment "web"');
});

test('a guest without ports before and after costs no program', () => {
  expect(change([], [])).toEqual([]);
  expect(antispoof.change([])).toEqual([]);
});

test('removing a table succeeds whether or not it is there', () => {
  expect(antispoof.remove('inet').input).toBe('add table inet guestgate\ndelete table inet guestgate\n');
});
