import { expect, test } from 'vitest';
import { targetsOf } from '../../../src/doctor/targets.ts';
import type { Element } from '../../../src/model/element.ts';

const guest = { driver: 'qemu', name: 'web', nics: [] } as const;
const claim = { host: '203.0.113.1', protocol: 'udp', ports: { first: 5000, last: 5009 } } as const;
const forward: Element = { kind: 'forward', ...claim, guest: 'fd00::5', to: 53 };

test('forwards, addresses and open ports, each with the sources that its own filter lets in', () => {
  const elements: Element[] = [
    forward,
    { kind: 'one-to-one', host: '203.0.113.9', guest: '10.0.0.9' },
    { kind: 'open', guest: '10.0.0.9', protocol: 'tcp', ports: { first: 22, last: 22 } },
    { kind: 'source-filter', claim, from: ['192.0.2.0/24'] },
    {
      kind: 'open-source-filter',
      guest: '10.0.0.9',
      protocol: 'tcp',
      ports: { first: 22, last: 22 },
      from: [],
    },
    { kind: 'source-nat', guest: '10.0.0.9', interface: 'eth0', address: '203.0.113.9' },
  ];
  expect(targetsOf([{ guest, elements }])).toMatchObject([
    { name: '203.0.113.1:5000-5009/udp', family: 'ip6', port: 5000, to: 53, from: ['192.0.2.0/24'] },
    { name: '203.0.113.9', family: 'ip', host: '203.0.113.9', address: '10.0.0.9' },
    { name: '10.0.0.9:22/tcp', host: '10.0.0.9', port: 22, isOpen: true, from: [] },
  ]);
  expect(targetsOf([{ guest, elements }])[1]).not.toHaveProperty('from');
});
