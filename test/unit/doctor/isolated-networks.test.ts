import { expect, test } from 'vitest';
import { judgeIsolated } from '../../../src/doctor/isolated-networks.ts';

test('the guest, its network and its addresses are named', () => {
  const guest = { driver: 'qemu', name: 'web' } as const;
  expect(judgeIsolated([])).toEqual([]);
  expect(judgeIsolated([{ guest, network: 'my lab', addresses: ['10.0.0.2', 'fd00::2'] }])).toMatchObject([
    {
      subject: { guest },
      problem: expect.stringContaining('network "my lab" is isolated'),
      advice: expect.stringContaining('masquerade = true'),
      fix: "virsh net-dumpxml 'my lab'",
    },
  ]);
});
