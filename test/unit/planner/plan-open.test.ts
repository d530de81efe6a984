import { expect, test } from 'vitest';
import type { Fault } from '../../../src/model/finding.ts';
import type { OpenPort } from '../../../src/model/policy.ts';
import { planOpen } from '../../../src/planner/plan-open.ts';

const guest = '192.168.122.41';
const opening = (first: number, last = first, more: Partial<OpenPort> = {}): OpenPort => ({
  protocol: 'tcp',
  ports: { first, last },
  text: `${first}-${last}`,
  ...more,
});

/** `open 22-22`, `open-source-filter 22-22 from 198.51.100.0/24`, and what is said of it. */
function told(open: readonly OpenPort[], allowFrom?: readonly string[]) {
  const problems: Fault[] = [];
  const policy = { open, ...(allowFrom !== undefined && { allowFrom }) };
  const elements = planOpen(policy, 'ip', [guest], () => true, problems);
  const texts = elements.map((element) => {
    const ports = 'ports' in element ? `${element.ports.first}-${element.ports.last}` : '';
    return `${element.kind} ${ports}${'from' in element ? ` from ${element.from.join()}` : ''}`.trim();
  });
  return [...texts, ...problems.map(({ problem }) => problem)];
}

test.each([
  ['nothing', told([]), []],
  ['a port', told([opening(22)]), ['open 22-22']],
  [
    'a port for some',
    told([opening(22, 22, { from: ['198.51.100.0/24'] })]),
    ['open-source-filter 22-22 from 198.51.100.0/24', 'open 22-22'],
  ],
  [
    'as allow_from says',
    told([opening(22)], ['198.51.100.0/24']),
    ['open-source-filter 22-22 from 198.51.100.0/24', 'open 22-22'],
  ],
  [
    'its own list counts more',
    told([opening(22, 22, { from: ['203.0.113.0/24'] })], ['198.51.100.0/24']),
    ['open-source-filter 22-22 from 203.0.113.0/24', 'open 22-22'],
  ],
  [
    'a list without this family closes it',
    told([opening(22, 22, { from: ['2001:db8::/32'] })]),
    ['open-source-filter 22-22 from', 'open 22-22'],
  ],
  ['a limit', told([opening(22, 22, { connections: 5 })]), ['connection-limit', 'open 22-22']],
  [
    'ports twice: the first one counts',
    told([opening(20, 30), opening(22)]),
    ['open 20-30', 'open 22-22 repeats ports of 20-30'],
  ],
  ['the same text twice is no mistake', told([opening(22), opening(22)]), ['open 22-22']],
  [
    'the same port of two protocols',
    told([opening(53), opening(53, 53, { protocol: 'udp' })]),
    ['open 53-53', 'open 53-53'],
  ],
])('%s', (_, elements, expected) => {
  expect(elements).toEqual(expected);
});
