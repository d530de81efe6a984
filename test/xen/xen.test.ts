import { beforeAll, beforeEach, expect, test } from 'vitest';
import { whyNotHere } from './build-images.mjs';
import { runInDom0, type StepReport } from './machine.ts';
import { steps } from './steps.ts';

/* Xen itself, its dom0 and its guests, on an emulated processor. */

const reason = whyNotHere();
beforeEach(({ skip }) => skip(reason !== undefined, `no Xen here: ${reason}`));

let reports: readonly StepReport[] = [];
beforeAll(async () => {
  if (reason === undefined) reports = await runInDom0(steps);
  if (process.env['XEN_VERBOSE'] === '1')
    for (const [index, { ok, said, took }] of reports.entries())
      console.log(`${steps[index]?.name}: ${ok ? 'ok' : 'not ok'}, ${took} s\n${said}`);
});

test.each(steps.map(({ name }, index) => ({ name, index })))('$name', ({ index }) => {
  const report = reports[index];
  expect(report?.ok, report?.said).toBe(true);
});
