import { expect, test } from 'vitest';
import { type ListedNamespace, renderNamespaces } from '../../../src/cli/namespaces.ts';

const web: ListedNamespace = {
  name: 'web',
  state: 'complete',
  link: { kind: 'own' },
  addresses: ['10.200.1.2/24'],
  mac: '02:00:00:00:00:01',
};

test.each<[ListedNamespace['link'], string]>([
  [{ kind: 'own' }, 'to the host'],
  [{ kind: 'bridge', bridge: 'br0' }, 'bridge br0'],
  [{ kind: 'vlan', uplink: 'eth0', vlan: 20 }, 'VLAN 20 of eth0'],
  [{ kind: 'macvlan', uplink: 'eth0' }, 'macvlan of eth0'],
])('%j is %s', (link, expected) => {
  const [, line] = renderNamespaces([{ ...web, link }]).split('\n');
  expect(line).toBe(`web   complete  ${expected}  10.200.1.2/24  02:00:00:00:00:01`);
});

test('an empty list says so', () => {
  expect(renderNamespaces([])).toBe('no namespaces');
});
