import { expect, test } from 'vitest';
import { askIp, tryIp } from '../../../src/system/ask-ip.ts';

const words = ['-4', 'route', 'show', 'default'];

test('ip(8) is asked for JSON', () => {
  const commands: string[] = [];
  const ask = ({ program, args }: { program: string; args: readonly string[] }) => {
    commands.push([program, ...args].join(' '));
    return '[{"dst":"default","dev":"eth0"}]';
  };
  expect(askIp(words, ask)).toEqual([{ dst: 'default', dev: 'eth0' }]);
  expect(commands).toEqual(['ip -j -4 route show default']);
});

test('an empty list is one; where ip(8) fails, there is none', () => {
  expect(askIp(words, () => '[ ]\n')).toEqual([]);
  expect([askIp(words, () => undefined), tryIp(words, () => undefined)]).toEqual([[], undefined]);
});

test('half an answer, none at all, or something else than a list, is an error', () => {
  expect(() => askIp(words, () => '[{"dst":')).toThrow('incomplete JSON');
  expect(() => askIp(words, () => '')).toThrow('incomplete JSON');
  expect(() => askIp(words, () => '{}')).toThrow('unexpected form');
});
