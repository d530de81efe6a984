import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { GuestFound } from '../../../src/desired/find-guest.ts';
import { paths } from '../../../src/model/paths.ts';
import type { ForwardRequest } from '../../../src/publish/forward-request.ts';
import { planFileChange, readFiles, takenByOthers } from '../../../src/publish/plan-file-change.ts';
import { folderTest as test } from '../own-folders.ts';
import { guestNamed } from '../records.ts';

const found = (name: string): GuestFound => ({ guest: guestNamed(name), running: false, defined: true });
const publish = (...texts: string[]): ForwardRequest => ({ kind: 'publish', texts, terms: {} });
const unpublish = (...texts: string[]): ForwardRequest => ({ kind: 'unpublish', texts });
const folder = join(paths.configuration, 'guests.d');
function put(name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.toml`);
  writeFileSync(path, text);
  return path;
}

test('a guest without a policy gets a file of its own', async () => {
  expect(await planFileChange(found('web'), publish('8080:80'))).toMatchObject({
    problems: [],
    change: {
      kind: 'file',
      path: join(folder, 'web.toml'),
      before: undefined,
      after: '[guest.web]\nforward = ["8080:80"]\n',
    },
  });
});

test('a guest with a policy is changed in the file that holds it', async () => {
  const path = put('all', '[guest.mail]\nforward = ["25"]\n[guest.web]\nforward = ["80"]\n');
  const { change } = await planFileChange(found('web'), publish('81'));
  expect(change).toMatchObject({
    path,
    after: expect.stringContaining('[guest.web]\nforward = ["80", "81"]'),
  });
});

test('what is already so changes nothing', async () => {
  put('web', '[guest.web]\nforward = ["80"]\n');
  const planned = await planFileChange(found('web'), publish('80'));
  expect(planned.notes).toEqual(['80 is already published']);
  expect(planned.change).toBeUndefined();
});

test('a port of another guest is refused, with the line that has it', async () => {
  const path = put('mail', '[guest.mail]\n\nforward = ["25", "143"]\n');
  const { problems, change } = await planFileChange(found('web'), publish('143:1143'));
  expect(problems.join()).toContain(`${path}:3`);
  expect(change).toBeUndefined();
});

test('a mistake in the policy is refused before anything is changed', async () => {
  const path = put('web', '[guest.web]\nforward = ["80"]\naddres = "x"\n');
  expect((await planFileChange(found('web'), publish('81'))).problems).toEqual([
    expect.stringContaining(`${path}:3`),
  ]);
});

test('a mistake in another guest’s file does not concern this one', async () => {
  put('mail', '[guest.mail]\nfoward = ["25"]\n');
  expect((await planFileChange(found('web'), publish('81'))).problems).toEqual([]);
});

test('one protocol of an entry that has several is not taken out of it', async () => {
  put('web', '[guest.web]\nforward = ["53/tcp+udp"]\n');
  const { problems, change } = await planFileChange(found('web'), unpublish('53/udp'));
  expect(problems.join()).toMatch(/53\/tcp\+udp|defines other forwards/);
  expect(change).toBeUndefined();
});

test('the forwards of others, each with its line; one’s own keys are left out', () => {
  const path = put('all', '[guest.mail]\nforward = [\n"25",\n"143"]\n[guest.web]\nforward = ["80"]\n');
  const taken = takenByOthers(readFiles(), ['web', 'qemu:web']);
  expect(taken.map(({ guest, forward, where }) => [guest, forward.text, where()])).toEqual([
    ['mail', '25', `${path}:3`],
    ['mail', '143', `${path}:4`],
  ]);
});
