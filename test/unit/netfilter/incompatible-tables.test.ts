import { expect, test } from 'vitest';
import type { KernelCommand } from '../../../src/model/command.ts';
import { completeSave } from '../../../src/netfilter/incompatible-tables.ts';

const chain = (name: string) => ({ chain: { family: 'ip', table: 'filter', name } });
const answers: Readonly<Record<string, string>> = {
  'nft -j -t list table ip filter': JSON.stringify({
    nftables: [chain('FORWARD'), chain('GUESTGATE-FORWARD'), chain('ts-forward')],
  }),
  'iptables-nft -w 3 -t filter -v -S FORWARD':
    '-P FORWARD DROP -c 5 300\n-A FORWARD -c 1 60 -j GUESTGATE-FORWARD\n-A FORWARD -c 0 0 -j ts-forward\n',
  'iptables-nft -w 3 -t filter -v -S GUESTGATE-FORWARD':
    '-N GUESTGATE-FORWARD\n-A GUESTGATE-FORWARD -m connmark --mark 0x1/0x1 -c 2 120 -j ACCEPT\n',
};
const list = ({ program, args }: KernelCommand) => answers[[program, ...args].join(' ')];
const command = { program: 'iptables-nft-save', args: ['-c'] };

test('a table with rules of nftables alone is read chain by chain, but for the chain that has them', () => {
  const nat = '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n';
  expect(completeSave(`${nat}# Table \`filter' is incompatible, use 'nft' tool.\n`, command, list)).toBe(
    `${nat}# Table \`filter' is incompatible, use 'nft' tool.
*filter
:FORWARD DROP [0:0]
:GUESTGATE-FORWARD - [0:0]
[1:60] -A FORWARD -j GUESTGATE-FORWARD
[0:0] -A FORWARD -j ts-forward
[2:120] -A GUESTGATE-FORWARD -m connmark --mark 0x1/0x1 -j ACCEPT
COMMIT
`,
  );
});

test('a whole listing stays as it is, and no other program runs', () => {
  const text = '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n';
  const refuse = () => {
    throw new Error('ran a program');
  };
  expect(completeSave(text, command, refuse)).toBe(text);
});
