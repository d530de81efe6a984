import { expect, test } from 'vitest';
import { isSyntaxProblem, parseForward } from '../../../src/policy/forward-syntax.ts';

const ports = (first: number, last = first) => ({ first, last });

test.each([
  ['80', { host: 'any', protocol: 'tcp', ports: ports(80), to: 80 }],
  ['8443:443', { host: 'any', protocol: 'tcp', ports: ports(8443), to: 443 }],
  ['53:53/udp', { host: 'any', protocol: 'udp', ports: ports(53), to: 53 }],
  ['53/UDP', { host: 'any', protocol: 'udp', ports: ports(53), to: 53 }],
  [' 80 ', { host: 'any', protocol: 'tcp', ports: ports(80), to: 80 }],
  ['60000-60010/udp', { host: 'any', protocol: 'udp', ports: ports(60000, 60010), to: 60000 }],
  ['9000-9002:8888-8890', { host: 'any', protocol: 'tcp', ports: ports(9000, 9002), to: 8888 }],
  ['203.0.113.11:53:53/udp', { host: '203.0.113.11', protocol: 'udp', ports: ports(53), to: 53 }],
  ['[2001:DB8:0::1]:8443:443', { host: '2001:db8::1', protocol: 'tcp', ports: ports(8443), to: 443 }],
  ['[::]:80:80', { host: '::', protocol: 'tcp', ports: ports(80), to: 80 }],
  ['0.0.0.0:80:80', { host: '0.0.0.0', protocol: 'tcp', ports: ports(80), to: 80 }],
  ['*:80:80', { host: 'any', protocol: 'tcp', ports: ports(80), to: 80 }],
  ['2905/sctp', { host: 'any', protocol: 'sctp', ports: ports(2905), to: 2905 }],
  ['1-65535', { host: 'any', protocol: 'tcp', ports: ports(1, 65535), to: 1 }],
])('%s', (text, forward) => expect(parseForward(text)).toEqual([forward]));

test('several protocols are a forward for each', () => {
  const both = (...protocols: string[]) =>
    protocols.map((protocol) => ({ host: 'any', protocol, ports: ports(53), to: 5353 }));
  expect(parseForward('53:5353/tcp+udp')).toEqual(both('tcp', 'udp'));
  expect(parseForward('53:5353/UDP+tcp+udp+sctp')).toEqual(both('udp', 'tcp', 'sctp'));
});

test.each([
  ['', /invalid port ""/],
  [':', /invalid port/],
  ['a', /invalid port "a"/],
  ['0', /invalid port "0"/],
  ['65536', /invalid port/],
  ['80:', /invalid port ""/],
  [':80', /invalid port ""/],
  ['80:0', /invalid port "0"/],
  ['80-70', /invalid port "80-70"/],
  ['1.2.3:80:80', /invalid address "1\.2\.3"/],
  ['300.0.0.1:80:80', /invalid address "300\.0\.0\.1"/],
  ['localhost:80:80', /invalid address "localhost"/],
  ['[::1]:80:80', /::1 is reachable from the host itself only/],
  ['[fe80::1]:80:80', /fe80::1 is reachable from its own link only/],
  ['[ff02::1]:80:80', /not the address of a single host/],
  ['[::ffff:1.2.3.4]:80:80', /not an address of an IPv6 packet/],
  ['[2001:db8::1%eth0]:80:80', /invalid address/],
  ['[]:80:80', /invalid address/],
  ['2001:db8::1:80:80', /invalid forward/],
  ['127.0.0.1:80:80', /reachable from the host itself only/],
  ['224.0.0.1:80:80', /not the address of a single host/],
  ['255.255.255.255:80:80', /not the address of a single host/],
  ['1:2:3:4', /invalid forward|invalid address/],
  ['80/icmp', /invalid protocol "icmp"/],
  ['80/', /invalid protocol ""/],
  ['80/tcp/udp', /invalid protocol/],
  ['80/tcp+', /invalid protocol "tcp\+"/],
  ['80/tcp+icmp', /invalid protocol "tcp\+icmp"/],
  ['80/tcp,udp', /invalid protocol/],
  ['80/__proto__', /invalid protocol/],
  ['80-81:80', /80-81 is 2 ports and 80 is 1|^80-81/],
  ['80:80-81', /80 is 1 ports and 80-81 is 2/],
  ['80-82:80-81', /80-82 is 3 ports and 80-81 is 2/],
  ['80 :80', /invalid port "80 "/],
  ['8080:80;nft flush ruleset', /invalid port/],
  ['8080:80 : 1.2.3.4 . 22', /invalid|not the address/],
])('%j is refused', (text, problem) => {
  const parsed = parseForward(text);
  if (!isSyntaxProblem(parsed)) {
    // docker counts on from the first port, too.
    expect([text, parsed]).toEqual([
      '80-81:80',
      [{ host: 'any', protocol: 'tcp', ports: ports(80, 81), to: 80 }],
    ]);
    return;
  }
  expect(parsed.problem).toMatch(problem);
  expect(parsed.hint).not.toBe('');
});
