import { expect, test } from 'vitest';
import { markUsersOfTables } from '../../../src/doctor/marks-in-iptables.ts';
import { parseSavedTables } from '../../../src/netfilter/iptables-save.ts';

const bit = 0x10000000;

const ofIptables = (...rules: readonly string[]) => {
  const text = `*mangle\n:PREROUTING ACCEPT [0:0]\n${rules.map((rule) => `-A PREROUTING ${rule}\n`).join('')}COMMIT\n`;
  return markUsersOfTables(parseSavedTables(text), 'iptables', bit).map(({ use }) => use);
};

test.each([
  ['-m connmark --mark 0x1 -j ACCEPT', 'compares-connection'],
  ['-m connmark ! --mark 0x0 -j ACCEPT', 'compares-connection'],
  ['-m connmark --mark 0x1/0xf0000001 -j ACCEPT', 'compares-connection'],
  ['-m connmark --mark 0x1/0xff -j ACCEPT', undefined],
  ['-m connmark --mark 0x10000000/0x10000000 -j ACCEPT', undefined],
  ['-m mark --mark 0x1 -j ACCEPT', 'compares-packet'],
  ['-m mark --mark 0x4000/0x4000 -j MASQUERADE', undefined],
  ['-j CONNMARK --set-xmark 0x1/0xffffffff', 'clears'],
  ['-j CONNMARK --set-xmark 0x1/0xff', undefined],
  ['-j CONNMARK --set-xmark 0x10000001/0xffffffff', undefined],
  ['-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff', 'clears'],
  ['-j CONNMARK --save-mark', 'clears'],
  ['-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff', undefined],
  ['-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff', 'copies'],
  ['-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff', undefined],
  ['-m mark --mark 0xca6c -j CONNMARK --save-mark', 'compares-packet,clears'],
])('iptables: %s', (rule, use) => {
  expect(ofIptables(rule).join()).toBe(use ?? '');
});
