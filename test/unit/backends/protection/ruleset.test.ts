import { describe, expect, test } from 'vitest';
import { makeProtection, markerOf, renderProtection } from '../../../../src/backends/protection/ruleset.ts';
import type { HostProtection } from '../../../../src/model/protection.ts';

const nothing: HostProtection = { icmp: 'all', reject: [], sshPorts: [{ first: 22, last: 22 }] };
const lines = (protection: HostProtection) =>
  renderProtection(protection)
    .split('\n')
    .map((line) => line.trim());

test('a table is made new in one transaction, whether or not there is one', () => {
  expect(makeProtection(nothing).input).toMatch(
    /^add table inet guestgate_host\ndelete table inet guestgate_host\ntable inet guestgate_host \{\n/,
  );
});

test('the name of a chain says which protection it is', () => {
  const marker = markerOf(nothing);
  expect(marker).toMatch(/^policy_[a-z2-7]{12}$/);
  expect(markerOf({ ...nothing, icmp: 'needed' })).not.toBe(marker);
  expect(lines(nothing)).toContain(`chain ${marker} {`);
});

describe('each key', () => {
  test('ports of a protocol are one set, without ranges that overlap', () => {
    const reject = [
      { protocol: 'tcp', ports: { first: 90, last: 100 } },
      { protocol: 'tcp', ports: { first: 80, last: 95 } },
      { protocol: 'tcp', ports: { first: 25, last: 25 } },
      { protocol: 'udp', ports: { first: 53, last: 53 } },
    ] as const;
    expect(lines({ ...nothing, reject })).toEqual(
      expect.arrayContaining(['tcp dport { 25, 80-100 } jump refused', 'udp dport { 53 } jump refused']),
    );
  });

  test('ssh: a family without a network is closed', () => {
    expect(lines({ ...nothing, sshFrom: ['192.0.2.0/24'] })).toEqual(
      expect.arrayContaining([
        'ip saddr != { 192.0.2.0/24 } tcp dport { 22 } jump dropped',
        'meta nfproto ipv6 tcp dport { 22 } jump dropped',
      ]),
    );
  });

  test('ping: the size of the data, in both families, and a rate for each', () => {
    const found = lines({ ...nothing, pingSize: 100, pingRate: { connections: 200, per: 'second' } });
    expect(found).toEqual(
      expect.arrayContaining([
        'ip length > 128 jump dropped',
        'ip6 length > 108 jump dropped',
        'meta nfproto ipv6 limit rate over 200/second burst 100 packets jump dropped',
      ]),
    );
  });

  test('a log line comes before the verdict, at its rate', () => {
    const found = lines({ ...nothing, log: { connections: 2, per: 'minute' } });
    const log = 'limit rate 2/minute burst 5 packets log prefix "guestgate refused: "';
    expect(found[found.indexOf('counter drop') - 1]).toBe(log);
    expect(found[found.indexOf('meta l4proto tcp counter reject with tcp reset') - 1]).toBe(log);
  });
});

test('icmp that is needed: errors, echo, and all that IPv6 lives from', () => {
  const text = renderProtection({ ...nothing, icmp: 'needed' });
  const [, four = ''] = /icmp type != \{ (.*?) \}/.exec(text) ?? [];
  for (const type of ['destination-unreachable', 'time-exceeded', 'parameter-problem'])
    expect(four).toContain(type);
  const six = /icmpv6 type != \{ (.*?) \}/.exec(text)?.[1]?.split(', ').map(Number);
  // RFC 4890, 4.4.1: errors 1 to 4, echo, router and neighbour discovery, multicast listeners.
  expect(six).toEqual(expect.arrayContaining([1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 143]));
  expect(six).not.toContain(137);
});
