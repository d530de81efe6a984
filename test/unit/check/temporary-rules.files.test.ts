import '../own-folders.ts';
import { expect } from 'vitest';
import { temporaryRules } from '../../../src/check/temporary-rules.ts';
import type { SavedRules } from '../../../src/model/saved-rules.ts';
import { commitPending, writePending } from '../../../src/state/pending-change.ts';
import { writeSavedRules } from '../../../src/state/saved-rules.ts';
import { bootId } from '../../../src/system/boot-clock.ts';
import { folderTest as test } from '../own-folders.ts';

const saved: SavedRules = {
  boot: bootId(),
  backend: 'nftables',
  tables: [{ family: 'inet', name: 'filter' }],
  bypassed: [
    { family: 'ip', variant: 'legacy' },
    { family: 'ip6', variant: 'nft' },
  ],
  made: [],
  settings: {},
};

test('a rescue is told, with what it put aside and what ends it', () => {
  writeSavedRules(saved, {});
  expect(temporaryRules()).toMatchObject([
    {
      subject: 'rescue',
      severity: 'later',
      fix: 'guestgate rescue --undo',
      details: ['nft table inet filter', 'iptables-legacy', 'ip6tables-nft'],
    },
  ]);
});

test('of a rescue before a reboot, the kernel holds nothing', () => {
  writeSavedRules({ ...saved, boot: 'another' }, {});
  expect(temporaryRules()).toEqual([]);
});

test('a change of the configuration waits until it is confirmed', () => {
  writePending({ stamp: '', files: [] }, 60);
  expect(temporaryRules()).toMatchObject([
    { subject: 'confirm', problem: expect.stringContaining('a change of the configuration waits') },
  ]);
  commitPending();
});
