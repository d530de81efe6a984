import { expect, test } from 'vitest';
import { readMonitorLine } from '../../../src/watch/monitor-line.ts';

/** Lines as nft 1.0.6 wrote them. */
test.each([
  ['delete rule ip guestgate translate handle 5', 'ours'],
  ['delete element ip guestgate forward_any { udp . 7777 counter packets 0 bytes 0 : 1.2.3.4 . 80 }', 'ours'],
  ['delete table ip guestgate', 'ours'],
  ['delete table ip6 guestgate', 'ours'],
  ['delete table ip guestgate-of-somebody-else', 'changed'],
  ['add element ip guestgate forward_any { udp . 7777 : 1.2.3.4 . 80 }', 'changed'],
  ['delete rule ip filter FORWARD handle 2', 'changed'],
  ['add chain ip filter FORWARD { type filter hook forward priority filter; policy drop; }', 'changed'],
  ['# ERROR: We lost some netlink events!', 'lost'],
  ['', 'nothing'],
  ['# a remark', 'nothing'],
])('%s', (line, kind) => {
  expect(readMonitorLine(line)).toEqual({ kind });
});

test('the end of a transaction names the program, whatever its name', () => {
  expect(readMonitorLine('# new generation 12 by process 4711 (iptables (x))')).toEqual({
    kind: 'by',
    changer: { process: 4711, name: 'iptables (x)' },
  });
});
