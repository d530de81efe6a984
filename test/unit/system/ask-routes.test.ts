import { expect, test } from 'vitest';
import { parseAnswers } from '../../../src/system/ask-routes.ts';

const text = `[{"dst":"10.0.0.5","dev":"virbr0","prefsrc":"10.0.0.1","flags":[],"uid":0,"cache":[]}]
[{"dst":"203.0.113.9","from":"10.0.0.5","gateway":"192.0.2.254","dev":"eth0","flags":[],"cache":[],"iif":"virbr0"}]
[{"dst":"203.0.113.9","from":"10.0.0.5","gateway":"192.0.2.254","dev":"eth1","mark":5,"cache":[],"iif":"virbr0"}]
[{"dst":"fd00::7","from":"::","dev":"virbr0","protocol":"kernel","flags":[]}]
[{"type":"unreachable","dst":"fd00::9","from":"fd00::5","dev":"lo","flags":[]}]
`;
const answers = parseAnswers(text);
const back = { to: '203.0.113.9', from: '10.0.0.5', through: 'virbr0' };

test('each answer belongs to its question, whichever others have none', () => {
  expect(answers({ to: '10.0.0.5' })).toBe('virbr0');
  expect(answers({ to: 'fd00::7' })).toBe('virbr0');
  expect(answers(back)).toBe('eth0');
  expect(answers({ ...back, mark: 0 })).toBe('eth0');
  expect(answers({ ...back, mark: 5 })).toBe('eth1');
});

test('a question without a route has no answer', () => {
  expect(answers({ to: '10.0.0.6' })).toBeUndefined();
  expect(answers({ ...back, mark: 6 })).toBeUndefined();
  expect(answers({ to: 'fd00::9', from: 'fd00::5' })).toBeUndefined();
  expect(parseAnswers('')({ to: '10.0.0.5' })).toBeUndefined();
});

test('an answer that is not whole is an error, not a host without routes', () => {
  expect(() => parseAnswers('[{"dst":"10.0.0.5","d')).toThrow('ip');
});
