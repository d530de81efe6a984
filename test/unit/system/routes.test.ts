import { expect, test } from 'vitest';
import { interfaceTo, parseRoutes, parseRoutes6 } from '../../../src/system/routes.ts';

/** As kernels write them, on a processor that puts the low byte first. */
const routes =
  parseRoutes(`Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t026433C6\t0003\t0\t0\t0\t00000000\t0\t0\t0
br0\t3D7100CB\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0
*\t3E7100CB\t00000000\t0205\t0\t0\t0\tFFFFFFFF\t0\t0\t0
eth0\t007100CB\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`);

test('the narrowest route counts, and a default route leads to no interface in particular', () => {
  expect(routes).toHaveLength(2);
  expect(interfaceTo('203.0.113.61', routes)).toBe('br0');
  expect(interfaceTo('203.0.113.62', routes)).toBe('eth0');
  expect(interfaceTo('192.0.2.1', routes)).toBeUndefined();
});

test('the same in IPv6, without what is link-local, multicast or dropped', () => {
  const zeros = '0'.repeat(32);
  const line = (network: string, length: string, flags: string, name: string) =>
    `${network.padEnd(32, '0')} ${length} ${zeros} 00 ${zeros} 00000400 00000001 00000000 ${flags} ${name.padStart(8)}`;
  const found = parseRoutes6(
    [
      line('20010db80007', '40', '00000001', 'br0'),
      line('20010db8000700000000000000000061', '80', '00000001', 'tap61'),
      line('fe80', '40', '00000001', 'br0'),
      line('ff00', '08', '00000001', 'br0'),
      line('20010db80009', '30', '00200200', 'lo'),
      line('', '00', '00450003', 'eth0'),
    ].join('\n'),
  );
  expect(found).toEqual([
    { interface: 'br0', network: '2001:db8:7::/64' },
    { interface: 'tap61', network: '2001:db8:7::61/128' },
  ]);
  expect(interfaceTo('2001:db8:7::61', found)).toBe('tap61');
});
