import '../own-folders.ts';
import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { NamespaceRequest } from '../../../src/model/namespace.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import {
  isOurNamespace,
  isSameRequest,
  namespaceNames,
  readNamespace,
  removeNamespaceFile,
  writeNamespace,
} from '../../../src/state/namespaces.ts';
import { folderTest as test } from '../own-folders.ts';

const web: NamespaceRequest = {
  name: 'web',
  addresses: [{ address: '10.200.1.2', prefix: 24 }],
  link: { kind: 'vlan', uplink: 'eth0', vlan: 20 },
  gateways: ['10.200.1.1'],
  dns: [],
  nat: true,
};

test('what was written is read, until it is removed', () => {
  expect([isOurNamespace('web'), namespaceNames()]).toEqual([false, []]);
  writeNamespace(web);
  expect(isSameRequest(web, readNamespace('web') ?? { ...web, dns: ['192.0.2.1'] })).toBe(true);
  expect([isOurNamespace('web'), namespaceNames()]).toEqual([true, ['web']]);
  removeNamespaceFile('web');
  expect([isOurNamespace('web'), readNamespace('web')]).toEqual([false, undefined]);
});

test('a damaged file is ours, and says nothing', () => {
  writeNamespace(web);
  writeFileSync(`${stateFiles.namespaces}/web.json`, '{');
  expect([isOurNamespace('web'), readNamespace('web')]).toEqual([true, undefined]);
});

test.each<Partial<NamespaceRequest>>([
  { link: { kind: 'vlan', uplink: 'eth0', vlan: 21 } },
  { link: { kind: 'macvlan', uplink: 'eth0' } },
  { addresses: [{ address: '10.200.1.2', prefix: 25 }] },
  { mac: '02:00:00:00:00:01' },
  { dns: ['192.0.2.1'] },
])('%j is another request', (change) => {
  expect(isSameRequest(web, { ...web, ...change })).toBe(false);
});

test('the order in which a file has the parts does not matter', () => {
  expect(isSameRequest(web, { ...web, link: { vlan: 20, kind: 'vlan', uplink: 'eth0' } })).toBe(true);
});
