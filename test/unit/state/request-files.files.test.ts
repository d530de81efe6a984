import '../own-folders.ts';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import {
  answer,
  enqueue,
  guestOfTicket,
  isWaiting,
  queued,
  removeOldAnswers,
  setRequestAside,
  takeAnswer,
} from '../../../src/state/request-files.ts';
import { folderTest as test } from '../own-folders.ts';

const folder = join(paths.state, 'requests');

test('requests keep their order, also behind the ninth', () => {
  for (let number = 1; number <= 11; number++) enqueue('qemu-web', `${number}`, false);
  expect(queued().map(({ text }) => text)).toEqual(Array.from({ length: 11 }, (_, index) => `${index + 1}`));
});

test('a request that comes when an earlier one is done is still behind those that wait', () => {
  const first = enqueue('qemu-a', 'first', false);
  enqueue('qemu-b', 'second', false);
  answer(first, '');
  enqueue('qemu-a', 'third', false);
  expect(queued().map(({ text }) => text)).toEqual(['second', 'third']);
});

test.for(['web', 'a.b.request', '-rf', '.hidden', '1-2-3.x'])(
  'the guest of a ticket is %j, dots and all',
  (name) => {
    const ticket = enqueue(`qemu-${name}`, '', true);
    expect(guestOfTicket(ticket)).toBe(`qemu-${name}`);
    expect(isWaiting(`qemu-${name}`)).toBe(true);
    expect(isWaiting('qemu-other')).toBe(false);
  },
);

test('an answer is taken once, and the request is gone', () => {
  const ticket = enqueue('qemu-web', 'x', true);
  expect(takeAnswer(ticket)).toBeUndefined();
  answer(ticket, 'done');
  expect(isWaiting()).toBe(false);
  expect(takeAnswer(ticket)).toBe('done');
  expect(takeAnswer(ticket)).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test('a request whose process does not wait gets no answer', () => {
  const ticket = enqueue('qemu-web', 'x', false);
  answer(ticket, 'done');
  expect(readdirSync(folder)).toEqual([]);
});

test('answers to processes that have ended go, others stay', () => {
  mkdirSync(folder, { recursive: true });
  const left = join(folder, '0000000001-4999999-0.qemu-web.answer');
  writeFileSync(left, '');
  const ticket = enqueue('qemu-web', 'x', true);
  answer(ticket, 'done');
  removeOldAnswers();
  expect(existsSync(left)).toBe(false);
  expect(takeAnswer(ticket)).toBe('done');
});

test('a request that cannot be read has no text, and can be moved away', () => {
  mkdirSync(join(folder, '0000000001-0-0.qemu-web.request'), { recursive: true });
  const [request] = queued();
  expect(request).toEqual({ ticket: '0000000001-0-0.qemu-web', text: undefined });
  expect(existsSync(setRequestAside(request?.ticket ?? ''))).toBe(true);
  expect(queued()).toEqual([]);
});
