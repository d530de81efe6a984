import { expect, test } from 'vitest';
import { CommandError } from '../../../src/model/problem.ts';
import { readNftJson, wholeListing } from '../../../src/model/program-output.ts';

const nft = { program: 'nft', args: ['-j', 'list', 'table', 'ip', 'guestgate'] };
const save = { program: 'iptables-nft-save', args: [] };
const rules = { program: 'iptables', args: ['-w', '3', '-S', 'FORWARD'] };
const nodes = { program: 'xenstore-ls', args: ['-f', 'backend/vif'] };
const flows = { program: 'conntrack', args: ['-L'] };

test.each([
  ['{"nftables": [{"metainfo": {"version"', 'incomplete JSON: "{\\"nftables\\"'],
  ['', 'incomplete JSON: nothing'],
  ['\u001b[2Jgarbage\n', 'incomplete JSON: "\\u001b[2Jgarbage\\n"'],
  ['null', 'JSON of an unexpected form'],
  ['{"nftables": 7}', 'JSON of an unexpected form'],
  [`"${'x'.repeat(500)}`, `"\\"${'x'.repeat(59)}..."`],
])('%s is no listing of nft: the error names the command and shows the beginning', (text, said) => {
  const read = () => readNftJson(text, nft, (objects) => objects.length);
  expect(read).toThrow(CommandError);
  expect(read).toThrow(said);
  expect(read).toThrow(
    expect.objectContaining({
      failure: expect.objectContaining({ look: 'nft -j list table ip guestgate' }),
    }),
  );
});

test('what is not of the expected form inside is no bug of ours', () => {
  const read = () =>
    readNftJson('{"nftables": [null]}', nft, ([first]) => first?.['table'] ?? (first as never)['x']);
  expect(read).toThrow(CommandError);
});

const saved = '# Generated\n*filter\n:FORWARD DROP [0:0]\n[1:2] -A FORWARD -j ACCEPT\nCOMMIT\n# Completed\n';
test.each([
  [save, ''],
  [save, saved],
  [rules, '-P FORWARD DROP\n-A FORWARD -j ACCEPT\n'],
  [nodes, ''],
  [nodes, 'backend/vif/1 = ""\nbackend/vif/1/0/ip = "10.0.0.1"\n'],
  [flows, ''],
  [
    flows,
    'tcp      6 431999 ESTABLISHED src=1.2.3.4 dst=1.2.3.5 sport=1 dport=2 src=1 dst=2 sport=3 dport=4 mark=0\n',
  ],
])('%o: a whole listing is passed on', (command, text) => {
  expect(wholeListing(text, command)).toBe(text);
});

test.each([
  [save, saved.slice(0, saved.indexOf('COMMIT'))],
  [save, saved.slice(0, saved.indexOf(' ACCEPT'))],
  [save, 'garbage\n'],
  [save, '*nat\n:POSTROUTING ACCEPT [0:0]\n*filter\nCOMMIT\n'],
  [rules, ''],
  [rules, '-P FORW'],
  [rules, 'garbage\n'],
  [nodes, 'backend/vif/1 = ""\nbackend/vif/1/0/ip = "10.'],
  [nodes, 'garbage\n'],
  [flows, 'tcp      6 4319'],
  [flows, 'garbage\n'],
])('%o: a listing that ends early, or is none, is an error: %j', (command, text) => {
  expect(() => wholeListing(text, command)).toThrow(CommandError);
});
