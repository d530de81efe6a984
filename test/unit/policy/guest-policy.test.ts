import { describe, expect, test } from 'vitest';
import type { Guest } from '../../../src/model/guest.ts';
import type { GuestPolicy } from '../../../src/model/policy.ts';
import { type Configuration, parseConfiguration } from '../../../src/policy/configuration.ts';
import { parseForward } from '../../../src/policy/forward-syntax.ts';
import { effectivePolicy } from '../../../src/policy/guest-policy.ts';
import type { MetadataBounds } from '../../../src/policy/limit-metadata.ts';

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
    expect(effective('[guest.other]')).toEqual({
      policy: {},
      problems: [],
      managed: false,
      refused: [],
      fromMetadata: [],
      weak: false,
    });
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

describe('whose policy it is', () => {
  const named = (key: string, guest: Partial<Guest>) =>
    effectivePolicy(
      { ...web, ...guest },
      undefined,
      parseConfiguration([{ path: '/g.toml', text: `[guest."${key}"]\nforward = ["80"]` }], '/g.toml'),
    ).managed;

  test('a UUID is that of a guest, never its name', () => {
    expect(named(uuid, { name: 'other' })).toBe(true);
    expect(named(uuid, { name: uuid, uuid: '00000000-0000-4000-8000-000000000001' })).toBe(false);
    expect(named(`qemu:${uuid}`, { name: uuid })).toBe(true);
  });

  test('a key may name the driver, and is then no name of another guest', () => {
    expect(named('lxc:web', { driver: 'lxc' })).toBe(true);
    expect(named('lxc:web', {})).toBe(false);
    expect(named('lxc:web', { name: 'lxc:web' })).toBe(false);
    expect(named('a:b', { name: 'a:b' })).toBe(true);
  });
});

describe('metadata within bounds', () => {
  const bounds: MetadataBounds = {
    grants: { keys: [], ports: [], addresses: [] },
    reserved: [{ ports: { first: 22, last: 22 }, why: '[host] reserves' }],
    isPublic: () => true,
    addressesOn: () => [],
    isOwn: () => true,
    files: [],
  };
  const within = (file: string, metadata: GuestPolicy) =>
    effectivePolicy(
      web,
      { policy: metadata, problems: [] },
      parseConfiguration([{ path: '/g.toml', text: file }], '/g.toml'),
      { bounds },
    );

  test('what is refused is left out, and the rest counts', () => {
    const { policy, refused, fromMetadata } = within('', forwards('22', '8080:80'));
    expect(policy.forwards).toMatchObject([{ text: '8080:80' }]);
    expect(refused).toHaveLength(1);
    expect(fromMetadata).toEqual(['forwards']);
  });

  test('what a file overrides is not looked at', () => {
    const { policy, refused, fromMetadata } = within('[guest.web]\nforward = ["22"]', forwards('22'));
    expect(policy.forwards).toMatchObject([{ text: '22' }]);
    expect({ refused, fromMetadata }).toEqual({ refused: [], fromMetadata: [] });
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

describe('the access of a guest', () => {
  const on = (file: string, nics: Guest['nics'], metadata?: GuestPolicy) => {
    const configuration = parseConfiguration([{ path: '/g.toml', text: file }], '/g.toml');
    const found = metadata && { policy: metadata, problems: [] };
    return effectivePolicy({ ...web, nics }, found, configuration);
  };
  const nic = (network: string) => ({ network, addresses: [] });
  const networks =
    '[network.a]\naccess = "inbound"\n[network.b]\naccess = "host"\n[network.br0]\naccess = "none"\n';

  test('is the strictest of its networks and bridges, with or without a policy of its own', () => {
    expect(on(networks, [nic('a'), nic('c')])).toMatchObject({
      managed: true,
      policy: { access: 'inbound' },
    });
    expect(on(networks, [nic('a'), nic('b')]).policy).toEqual({ access: 'host' });
    expect(on(networks, [{ bridge: 'br0', addresses: [] }, nic('b')]).policy).toEqual({ access: 'none' });
    expect(on(networks, [nic('c')])).toMatchObject({ managed: false, policy: {} });
  });

  test('its own file overrules, metadata does not, and cannot widen it', () => {
    expect(on(`${networks}[guest.web]\naccess = "open"`, [nic('a')]).policy.access).toBe('open');
    const egress = [{ protocol: 'tcp', ports: { first: 1, last: 65535 }, text: '' }] as const;
    const metadata = { access: 'open', egress, onError: 'start' } as const;
    expect(on(networks, [nic('a')], metadata).policy).toEqual({ access: 'inbound' });
    expect(on('[guest.web]\naccess = "inbound"', [], metadata).policy).toEqual({ access: 'inbound' });
    expect(on('', [], { ...metadata, access: 'inbound' }).policy).toMatchObject({
      access: 'inbound',
      egress,
    });
  });
});
