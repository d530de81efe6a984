import { expect, test } from 'vitest';
import type { DoctorContext } from '../../../src/doctor/check.ts';
import { hostInterfaces } from '../../../src/doctor/host-interfaces.ts';
import { defaultHostPolicy } from '../../../src/model/policy.ts';

const check = (...interfaces: string[]) =>
  hostInterfaces({ host: { ...defaultHostPolicy, interfaces } } as unknown as DoctorContext);

test('an uplink that is away, beside one that is there', async () => {
  expect(await check('lo')).toEqual([]);
  expect(await check('lo', 'gg-missing0')).toMatchObject([{ severity: 'later' }]);
});

test('where none is there, check has the finding, and doctor with it', async () => {
  expect(await check('gg-missing0', 'gg-missing1')).toEqual([]);
});

test('a host whose policy names none', async () => {
  expect(await hostInterfaces({ host: defaultHostPolicy } as unknown as DoctorContext)).toEqual([]);
});
