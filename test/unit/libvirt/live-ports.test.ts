import { expect, test } from 'vitest';
import { livePorts } from '../../../src/libvirt/live-ports.ts';

test('the ports are those of interfaces, not the names of disks', () => {
  const disk = "<disk type='file'><target dev='vda' bus='virtio'/></disk>";
  const nic = (target: string) =>
    `<interface type='bridge'><source bridge='br0'/>${target}<model type='virtio'/></interface>`;
  expect(
    livePorts(
      `<devices>${disk}${nic("<target dev='vnet0'/>")}${disk}${nic('<target managed="no" dev="tap1"/>')}</devices>`,
    ),
  ).toEqual(['vnet0', 'tap1']);
});

test('an interface without a port counts: it may get one', () => {
  expect(
    livePorts(
      "<interface type='user'></interface><interface type='bridge'><target dev='vnet1'/></interface>",
    ),
  ).toEqual(['', 'vnet1']);
  expect(livePorts('')).toEqual([]);
});
