import { expect, test } from 'vitest';
import type { Forward } from '../../../src/model/policy.ts';
import { claimedByFiles } from '../../../src/policy/file-claims.ts';
import { parseForward } from '../../../src/policy/forward-syntax.ts';

function forward(text: string): Forward {
  const parsed = parseForward(text);
  return { ...(Array.isArray(parsed) ? parsed[0] : undefined), text } as Forward;
}

function meets(inFile: Forward, asked: Forward, places?: readonly string[]): boolean {
  const files = [{ guest: 'a', policy: { forwards: [inFile] }, addressesOn: () => ['203.0.113.5'] }];
  return claimedByFiles({ what: 'forward', forward: asked, places }, files) !== undefined;
}

test.each<[string, string, readonly string[] | undefined, boolean]>([
  ['80', '80', undefined, true],
  ['80', '80/udp', undefined, false],
  ['0.0.0.0:80:80', '80', undefined, true],
  ['0.0.0.0:80:80', '[::]:80:80', undefined, false],
  ['0.0.0.0:80:80', '[2001:db8::1]:80:80', ['2001:db8::1'], false],
  ['203.0.113.1:80:80', '80', undefined, true],
  ['203.0.113.1:80:80', '[::]:80:80', undefined, false],
  ['203.0.113.1:80:80', '203.0.113.2:80:80', ['203.0.113.2'], false],
])('a file with %s, metadata with %s: %j, %j', (inFile, asked, places, met) => {
  expect(meets(forward(inFile), forward(asked), places)).toBe(met);
});

test('a forward with an uplink is at the addresses of that', () => {
  const inFile = { ...forward('80'), uplink: 'eth0' };
  expect(meets(inFile, forward('203.0.113.5:80:80'), ['203.0.113.5'])).toBe(true);
  expect(meets(inFile, forward('203.0.113.6:80:80'), ['203.0.113.6'])).toBe(false);
});
