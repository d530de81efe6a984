import { expect, test } from 'vitest';
import { judgeForwarding } from '../../../src/doctor/ip-forward.ts';

const fixes = (findings: readonly { readonly fix: string }[]) => findings.map(({ fix }) => fix);

test('forwarding, of the families in use', () => {
  expect(
    judgeForwarding(
      new Map([
        ['ip', '1'],
        ['ip6', '1'],
      ]),
    ),
  ).toEqual([]);
  expect(
    fixes(
      judgeForwarding(
        new Map([
          ['ip', '0'],
          ['ip6', '0'],
        ]),
      ),
    ),
  ).toEqual(['sysctl -w net.ipv4.ip_forward=1', 'sysctl -w net.ipv6.conf.all.forwarding=1']);
  expect(judgeForwarding(new Map([['ip6', undefined]]))).toEqual([]);
});
