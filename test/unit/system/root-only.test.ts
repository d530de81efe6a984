import { execFileSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { objectionTo, objectionWithin } from '../../../src/system/root-only.ts';
import { givesByAcl } from '../../support/posix-acl.ts';
import { rootTest } from '../../support/root-test.ts';

/** A folder of root's in /tmp, which the sticky bit keeps root's, with a file in it. */
const filesTest = rootTest.extend<{ at: (...names: string[]) => string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
  at: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'guestgate-root-only-'));
    writeFileSync(join(folder, 'file'), '', { mode: 0o644 });
    await use((...names) => join(folder, ...names));
    rmSync(folder, { recursive: true });
  },
});

filesTest(
  'a file of root that only root can write is read, through links and the sticky /tmp, too',
  ({ at }) => {
    symlinkSync(at('file'), at('link'));
    symlinkSync(`../${at('file').split('/').slice(-2).join('/')}`, at('relative'));
    for (const name of ['file', 'link', 'relative', 'missing']) {
      expect(objectionTo(at(name))).toBeUndefined();
      expect(objectionWithin(at(name))).toBeUndefined();
    }
  },
);

filesTest('the write bit of any group counts: it is the mask of an ACL', ({ at }) => {
  execFileSync('/bin/sh', ['-c', givesByAcl(at('file'))]);
  const refused = {
    where: at('file'),
    problem: 'can be written by group 0 or the users and groups of its ACL, and is not read',
    hint: `chmod go-w ${at('file')}`,
  };
  expect(objectionTo(at('file'))).toMatchObject(refused);
  expect(objectionWithin(at('file'))).toMatchObject(refused);
  // The command that the message names takes the write bit from the mask, and with it from all entries.
  chmodSync(at('file'), 0o644);
  expect(objectionTo(at('file'))).toBeUndefined();
  chmodSync(at('file'), 0o664);
  expect(objectionTo(at('file'))).toMatchObject(refused);
});

filesTest('each folder on the real way counts, also of a link in the middle of it', ({ at }) => {
  mkdirSync(at('open'));
  mkdirSync(at('open', 'inner'));
  writeFileSync(at('open', 'inner', 'file'), '');
  chmodSync(at('open'), 0o777);
  symlinkSync(at('open', 'inner'), at('folder'));
  symlinkSync(at('folder', 'file'), at('link'));
  for (const path of [at('link'), at('folder', 'file'), at('open', 'inner', 'file')])
    expect(objectionTo(path)).toMatchObject({
      where: path,
      problem: `is not read: ${at('open')}, on the way to it, can be written by all users`,
      hint: `chmod go-w ${at('open')}`,
    });
  expect(objectionWithin(at('link'))?.problem).toContain(at('open'));
  // In a sticky folder only the owner can replace what is there.
  chmodSync(at('open'), 0o1777);
  expect(objectionTo(at('link'))).toBeUndefined();
  lchownSync(at('open', 'inner'), 1000, 1000);
  expect(objectionTo(at('link'))?.problem).toContain('can be written by all users');
});

filesTest('a folder whose files are read may not be written by others, sticky or not', ({ at }) => {
  chmodSync(at(), 0o1777);
  expect(objectionTo(at())?.problem).toBe('can be written by all users, and is not read');
});

filesTest('a link that belongs to another user is refused, and the command changes the link', ({ at }) => {
  symlinkSync(at('file'), at('link'));
  lchownSync(at('link'), 1000, 1000);
  expect(objectionTo(at('link'))).toMatchObject({
    problem: 'belongs to user 1000, not to root, and is not read',
    hint: `chown -h root: ${at('link')}`,
  });
});

filesTest('a link to itself is an error that names the cause', ({ at }) => {
  symlinkSync('loop', at('loop'));
  expect(() => objectionTo(at('loop'))).toThrow('ELOOP');
});
