import { expect, onTestFinished, test, vi } from 'vitest';
import { warn } from '../../../src/cli/findings.ts';
import { aboutGuest, describeWithin, type Finding } from '../../../src/model/finding.ts';

function written(...args: Parameters<typeof warn>): string[] {
  const lines: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  onTestFinished(() => write.mockRestore());
  warn(...args);
  write.mockRestore();
  return lines;
}
const finding: Finding = {
  subject: aboutGuest({ driver: 'qemu', name: 'web' }),
  problem: 'its address is not known',
  severity: 'something',
};

test('a line for each finding, with its subject', () => {
  expect(written([finding, { ...finding, subject: 'kernel' }])).toEqual([
    'guestgate: qemu guest "web": its address is not known\n',
    'guestgate: kernel: its address is not known\n',
  ]);
});

test('without the subject where the output names it, and nothing without findings', () => {
  expect(written([finding], describeWithin)).toEqual(['guestgate: its address is not known\n']);
  expect(written([])).toEqual([]);
});
