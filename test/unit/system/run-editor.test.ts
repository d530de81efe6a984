import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { editText } from '../../../src/system/run-editor.ts';

const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('guestgate-edit-'));

test('the text is what the editor left, and no copy stays', () => {
  expect(editText('/etc/guestgate/guestgate.toml', 'a\n', 'sed -i s/a/b/')).toBe('b\n');
  expect(copies()).toEqual([]);
});

test('an editor that fails, or that is not there, is named', () => {
  expect(() => editText('/x.toml', '', 'false')).toThrow('the editor false ended with 1: nothing is changed');
  expect(() => editText('/x.toml', '', '/no/such/editor --wait')).toThrow(
    'running the editor /no/such/editor',
  );
  expect(copies()).toEqual([]);
});
