import { expect, test } from 'vitest';
import type { HostMap } from '../../../src/check/host-map.ts';
import { renderMapSvg } from '../../../src/cli/map-svg.ts';
import { parseXml } from '../../../src/libvirt/xml.ts';
import { hostMap } from '../host-map.ts';
import { forwardOf } from '../records.ts';

const many: HostMap = {
  ...hostMap,
  networks: [
    {
      name: 'default',
      addresses: [],
      guests: Array.from({ length: 200 }, (_, index) => ({
        name: `guest-${index}-${'x'.repeat(40)}`,
        state: 'running',
        addresses: ['192.168.122.41'],
        elements: Array.from({ length: 20 }, (_, port) => forwardOf(1000 + port)),
      })),
    },
  ],
};

test.each([
  ['with a hostile name', hostMap],
  ['with 200 guests', many],
])('a picture %s is well-formed', async (_, map) => {
  await expect(parseXml(renderMapSvg(map), 'svg', 'a picture', 'none')).resolves.toBeDefined();
});

test('200 guests have a box each, no two boxes overlap, and all lie in the picture', () => {
  const svg = renderMapSvg(many);
  const [, width = 0, height = 0] = (/width="(\d+)" height="(\d+)" viewBox/.exec(svg) ?? []).map(Number);
  const boxes = [...svg.matchAll(/class="box" rx="5" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"/g)].map(
    ([, ...numbers]) => numbers.map(Number) as [number, number, number, number],
  );
  expect(boxes).toHaveLength(200);
  for (const [x, y, w, h] of boxes) expect([x + w < width, y + h < height]).toEqual([true, true]);
  const overlapping = boxes.filter(([x, y, w, h], index) =>
    boxes.some(([x2, y2], other) => other !== index && x2 >= x && x2 < x + w && y2 >= y && y2 < y + h),
  );
  expect(overlapping).toEqual([]);
  expect(svg).toContain('and 12 more');
});
