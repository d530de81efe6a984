import { expect, test } from 'vitest';
import type { Surveyed } from '../../../src/doctor/survey.ts';
import { targetsOf } from '../../../src/doctor/targets.ts';
import { tryForwards } from '../../../src/doctor/try-forwards.ts';
import type { Element } from '../../../src/model/element.ts';
import { parseSavedTables } from '../../../src/netfilter/iptables-save.ts';

const forward = (port: number, guest: string): Element => ({
  kind: 'forward',
  host: '198.51.100.1',
  protocol: 'tcp',
  ports: { first: port, last: port },
  guest,
  to: 80,
});

function survey(saved: string): ReadonlyMap<'ip', Surveyed> {
  return new Map([
    [
      'ip',
      {
        rules: {
          family: 'ip',
          ties: 'newer',
          ruleset: { chains: [], sets: [] },
          texts: new Map(),
          saved: { nft: [], legacy: parseSavedTables(saved) },
        },
        host: {
          route: () => ({ kind: 'local' }),
          addressType: () => 'local',
          addressTypeOn: () => 'local',
          interfaceTo: () => 'eth0',
          firstAddress: () => undefined,
        },
        networks: ['10.0.0.0/8'],
        sides: {
          family: 'ip',
          uplinks: ['eth0'],
          addressesOn: () => ['198.51.100.1'],
          holders: () => ['eth0'],
          inputOf: () => 'virbr0',
          neighbours: [],
        },
      },
    ],
  ]);
}

const targets = targetsOf([
  {
    guest: { driver: 'qemu', name: 'web', nics: [] },
    elements: [forward(8001, '10.0.0.1'), forward(8002, '10.0.0.2'), forward(8003, '10.0.0.3')],
  },
]);
const sizes = (saved: string) =>
  tryForwards(targets, survey(saved))
    .tried.filter(({ origin }) => origin.kind === 'outside')
    .map((one) => one.targets.length);
const drop = (match: string) => `*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp ${match} -j DROP\nCOMMIT\n`;

test('forwards that meet the same rules are traced once, and a rule that names a port separates it', () => {
  expect(sizes('')).toEqual([3]);
  expect(sizes(drop('--dport 22'))).toEqual([3]);
  expect(sizes(drop('--dport 8002'))).toEqual([1, 1, 1]);
  const { tried } = tryForwards(targets, survey(drop('--dport 8003')));
  const dropped = tried.filter(({ trace }) => trace.obstacles.length > 0).flatMap((one) => one.targets);
  expect(new Set(dropped.map(({ port }) => port))).toEqual(new Set([8003]));
});
