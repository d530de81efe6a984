import { expect, test } from 'vitest';
import { isNamespaceRequest, namespacePath } from '../../../src/model/namespace.ts';

const request = {
  name: 'web',
  addresses: [{ address: '10.200.1.2', prefix: 24 }],
  link: { kind: 'own' },
  gateways: [],
  dns: [],
};

test('a request is known by its parts', () => {
  expect(isNamespaceRequest(request)).toBe(true);
  expect(
    isNamespaceRequest({ ...request, link: { kind: 'vlan', uplink: 'eth0', vlan: 20 }, nat: true }),
  ).toBe(true);
  expect(isNamespaceRequest({ ...request, link: { kind: 'ipvlan' } })).toBe(false);
  expect(isNamespaceRequest({ ...request, addresses: ['10.200.1.2/24'] })).toBe(false);
  expect(isNamespaceRequest({ ...request, nat: false })).toBe(false);
});

test('its file is where ip-netns(8) keeps it', () => {
  expect(namespacePath('web')).toBe('/run/netns/web');
});
