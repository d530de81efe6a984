import { expect, test } from 'vitest';
import { beyond } from '../../../../src/backends/iptables/limits.ts';

const at = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
const rate = (connections: number, port = 80) =>
  beyond(
    {
      kind: 'rate-limit',
      at: { ...at, ports: { first: port, last: port } },
      rate: { connections, per: 'minute' },
    },
    32,
  );
const nameIn = (match: string) => /--hashlimit-name (\S+)/.exec(match)?.[1] ?? '';

test('connections are counted for each source address, whole, in both families', () => {
  const limit = { kind: 'connection-limit', at, connections: 7 } as const;
  expect(beyond(limit, 32)).toBe('-m connlimit --connlimit-above 7 --connlimit-mask 32 --connlimit-saddr');
  expect(beyond(limit, 128)).toContain('--connlimit-mask 128');
});

test('a rate is one bucket for all sources, which starts full', () => {
  expect(rate(30)).toMatch(
    /^-m hashlimit --hashlimit-above 30\/minute --hashlimit-burst 30 --hashlimit-name gg/,
  );
  expect(rate(30)).not.toContain('--hashlimit-mode');
});

test('the kernel keeps the bucket of a name as it was made: another rate or port has another name', () => {
  const names = [rate(30), rate(31), rate(30, 81)].map(nameIn);
  expect(new Set(names).size).toBe(3);
  expect(nameIn(rate(30))).toBe(names[0]);
  for (const name of names) expect(name.length).toBeLessThanOrEqual(15);
});
