import type { Node } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { readPortMap, readPortRanges } from '../../../src/import/hook-ports.ts';
import { HookReader } from '../../../src/import/hook-reader.ts';
import { parseJson } from '../../../src/import/json-tree.ts';
import { formatProblem } from '../../../src/model/problem.ts';

function read(readPorts: typeof readPortMap, text: string) {
  const reader = new HookReader('f', text);
  const ports = readPorts({ node: parseJson(text) as Node, path: '' }, reader);
  return {
    ports: ports.map(({ protocol, first, last, to }) => [protocol, first, last, to]),
    problems: reader.problems.map(formatProblem),
  };
}

test.each<[string, unknown[]]>([
  [
    '{ "tcp": [80, [8443, 443]], "UDP": ["53"] }',
    [
      ['tcp', 80, 80, 80],
      ['tcp', 8443, 8443, 443],
      ['udp', 53, 53, 53],
    ],
  ],
  ['[[2222, "22"]]', [['tcp', 2222, 2222, 22]]],
  ['{}', []],
])('the port map %s', (text, ports) => {
  expect(read(readPortMap, text)).toEqual({ ports, problems: [] });
});

test.each<[string, unknown[]]>([
  ['[{ "init_port": 30000, "ports_num": 100, "protocol": "udp" }]', [['udp', 30000, 30099, 30000]]],
  ['{ "range": [1, 65535], "protocol": "tcp" }', [['tcp', 1, 65535, 1]]],
  ['[{ "start_port": 5, "end_port": 6, "protocol": "tcp" }]', [['tcp', 5, 6, 5]]],
])('the port ranges %s', (text, ports) => {
  expect(read(readPortRanges, text)).toEqual({ ports, problems: [] });
});

test.each<[string, string]>([
  ['[{ "init_port": 2, "end": 1, "protocol": "tcp" }]', 'f:1: [0]: invalid range of ports 2-1'],
  ['[{ "init_port": 2, "ports_num": 1, "end": 2, "protocol": "tcp" }]', 'f:1: [0]: invalid range of ports ('],
  ['[{ "init_port": 2, "protocol": "tcp" }]', 'f:1: [0]: invalid range of ports ('],
  [
    '[{ "init_port": 2, "start_port": 2, "ports_num": 1, "protocol": "tcp" }]',
    'f:1: [0]: has both init_port and start_port (remove one)',
  ],
  [
    '[{ "init_port": 0, "ports_num": 1, "protocol": "tcp" }]',
    'f:1: [0].init_port: must be a number from 1 to 65535',
  ],
  [
    '[{ "init_port": 1, "ports_num": 1, "protocol": "dccp" }]',
    'f:1: [0].protocol: invalid protocol "dccp" (one of tcp',
  ],
])('%s is refused', (text, problem) => {
  const { ports, problems } = read(readPortRanges, text);
  expect(ports).toEqual([]);
  expect(problems).toEqual([expect.stringContaining(problem)]);
});
