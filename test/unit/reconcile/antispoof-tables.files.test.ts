import '../own-folders.ts';
import { expect } from 'vitest';
import { iptables } from '../../../src/backends/iptables/transaction.ts';
import { nftables } from '../../../src/backends/nftables/transaction.ts';
import { CommandError } from '../../../src/model/problem.ts';
import {
  changePortTables,
  contradictsPorts,
  rebuildPortTables,
} from '../../../src/reconcile/antispoof-tables.ts';
import { folderTest as test } from '../own-folders.ts';
import { forwardOf, guestNamed, recordOf } from '../records.ts';

const port = { kind: 'vif', port: 'vif1.0', way: 'bridged' } as const;
const record = recordOf('a;b', { elements: [forwardOf(80), port] });

test('only what guests’ ports may send is rendered, with the encoded name of the guest', () => {
  const [command, ...others] = changePortTables(nftables, [{ before: undefined, after: record }]);
  expect(others).toEqual([]);
  expect(command?.input).toContain('"vif1.0" comment "a%3Bb"');
  expect(command?.input).not.toContain('8080');
});

test('guests without ports cost no program, whichever the back end', () => {
  const after = { guest: guestNamed('web'), elements: [forwardOf(80)] };
  for (const backend of [nftables, iptables('nft')])
    expect(changePortTables(backend, [{ before: undefined, after }])).toEqual([]);
});

test('a rebuild makes the tables of all guests together', async () => {
  const [command] = await rebuildPortTables(nftables, [
    record,
    recordOf('c', { elements: [{ ...port, port: 'vif2.0' }] }),
  ]);
  expect(command?.input?.match(/^table bridge guestgate/gm)).toHaveLength(1);
  expect(await rebuildPortTables(nftables, [])).toEqual([]);
});

test('nft alone contradicts: what another program says is not about these tables', () => {
  const failure = (command: string, stderr: string) =>
    new CommandError({ doing: 'x', command, outcome: 'failed', stderr });
  const missing = 'Error: No such file or directory';
  expect(contradictsPorts(failure('nft -f -', missing))).toBe(true);
  expect(contradictsPorts(failure('nft -f -', 'Error: syntax error'))).toBe(false);
  expect(contradictsPorts(failure('iptables-restore -w', missing))).toBe(false);
});
