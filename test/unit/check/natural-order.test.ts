import { expect, test } from 'vitest';
import { inNaturalOrder } from '../../../src/check/natural-order.ts';

const guests = (...names: string[]) => names.map((name) => ({ guest: { name, driver: 'qemu' } as const }));
const sorted = (...names: string[]) => inNaturalOrder(guests(...names)).map(({ guest }) => guest.name);

test('numbers in names count as numbers', () => {
  expect(sorted('web10', 'web9', 'web', 'db2', 'web01')).toEqual(['db2', 'web', 'web01', 'web9', 'web10']);
});

test('guests of one name are ordered by their drivers, and the list that is given stays', () => {
  const given = [
    { guest: { name: 'a', driver: 'qemu' } as const },
    { guest: { name: 'a', driver: 'lxc' } as const },
  ];
  expect(inNaturalOrder(given).map(({ guest }) => guest.driver)).toEqual(['lxc', 'qemu']);
  expect(given[0]?.guest.driver).toBe('qemu');
});
