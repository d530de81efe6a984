import { describe, expect, test } from 'vitest';
import type { Guest } from '../../../src/model/guest.ts';
import type { GuestPolicy } from '../../../src/model/policy.ts';
import { type Configuration, parseConfiguration } from '../../../src/policy/configuration.ts';
import { parseForward } from '../../../src/policy/forward-syntax.ts';
import { effectivePolicy } from '../../../src/policy/guest-policy.ts';

const uuid = '6f1ef0a4-9d9b-4b0a-8f3d-0c2a4c9d0001';
const web: Guest = { driver: 'qemu', name: 'web', uuid, nics: [] };

function forwards(...texts: string[]): GuestPolicy {
  return {
    forwards: texts.flatMap((text) => {
      const parsed = parseForward(text);
      return Array.isArray(parsed) ? parsed.map((forward) => ({ ...forward, text })) : [];
    }),
  };
}

function effective(file: string, metadata?: GuestPolicy, more: Partial<Configuration> = {}) {
  const configuration = { ...parseConfiguration([{ path: '/g.toml', text: file }], '/g.toml'), ...more };
  return effectivePolicy(web, metadata && { policy: metadata, problems: [] }, configuration);
}

describe('which policy counts', () => {
  test('none: the guest is not managed, and that is no problem', () => {
    expect(effective('[guest.other]')).toEqual({ policy: {}, problems: [], managed: false });
  });

  test('files win over metadata, key by key', () => {
    const { policy, managed } = effective('[guest.web]\nsnat = "203.0.113.9"', {
      ...forwards('8080:80'),
      snat: ['203.0.113.1'],
    });
    expect(managed).toBe(true);
    expect(policy).toMatchObject({ snat: ['203.0.113.9'], forwards: [{ text: '8080:80' }] });
  });

  test.each([uuid, uuid.toUpperCase()])('a table may name the UUID %s', (key) => {
    expect(effective(`[guest."${key}"]\nforward = ["80"]`).policy.forwards).toHaveLength(1);
  });

  test('a guest with a policy by its name and by its UUID has a problem', () => {
    const { problems } = effective(`[guest.web]\n[guest."${uuid}"]`);
    expect(problems).toMatchObject([{ where: `[guest."${uuid}"]`, hint: 'keep one of them' }]);
  });

  test('metadata counts only where the host grants it', () => {
    expect(effective('[host]\nmetadata = false', forwards('80')).managed).toBe(false);
  });
});

describe('what the host reserves', () => {
  const reserved = '[host]\nreserved = ["22", "8000-8010/tcp"]\n';

  test.each([
    ['22', 1],
    ['20-30', 1],
    ['22/udp', 1],
    ['8005', 1],
    ['8005/udp', 0],
    ['2222:22', 0],
  ])('metadata with the forward %s: %i problems', (text, count) => {
    expect(effective(reserved, forwards(text)).problems).toHaveLength(count);
  });

  test('one forward of two protocols is one problem', () => {
    expect(effective(reserved, forwards('22/tcp+udp')).problems).toHaveLength(1);
  });

  test('a file may take a reserved port, and then metadata does not count', () => {
    expect(effective(`${reserved}[guest.web]\nforward = ["22"]`, forwards('22')).problems).toEqual([]);
  });

  test('a whole address takes all ports', () => {
    const metadata = { publicAddresses: ['203.0.113.9'] };
    expect(effective(reserved, metadata).problems).toMatchObject([
      { hint: expect.stringContaining('public_address') },
    ]);
    expect(effective('', metadata).problems).toEqual([]);
    expect(effective(`${reserved}[guest.web]\npublic_address = "203.0.113.9"`, metadata).problems).toEqual(
      [],
    );
  });
});

describe('files that cannot be read', () => {
  const unread = [{ where: '/g.d/x.toml', problem: 'cannot be read' }];

  test('concern guests that no other file names', () => {
    expect(effective('[guest.web]', undefined, { unread }).problems).toEqual([]);
    expect(effective('', undefined, { unread })).toMatchObject({ problems: unread, managed: false });
  });

  test('one that may hold [host] concerns all', () => {
    expect(effective('[guest.web]', undefined, { hostUnknown: unread }).problems).toEqual(unread);
  });
});
