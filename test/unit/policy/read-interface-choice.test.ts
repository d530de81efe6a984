import { expect, test } from 'vitest';
import { readInterfaceChoice } from '../../../src/policy/read-interface-choice.ts';
import { reading } from './problems.ts';

const mac = '52:54:00:aa:bb:01';

test.each([
  [{}, undefined, []],
  [{ network: 'dmz' }, { network: 'dmz' }, []],
  [{ mac }, { mac }, []],
  [{ nic: 2 }, { nic: 2 }, []],
  [
    { nic: 2, network: 'dmz' },
    { network: 'dmz' },
    ['nic: network and nic choose the interface (keep one of them)'],
  ],
  [
    { mac, nic: 2, network: 'dmz' },
    { network: 'dmz' },
    ['nic: network and mac and nic choose the interface (keep one of them)'],
  ],
])('%j', (table, value, told) => {
  expect(reading((place, problems) => readInterfaceChoice(table, place, problems))).toEqual({ value, told });
});
