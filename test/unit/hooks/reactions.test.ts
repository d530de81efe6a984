import { expect, test } from 'vitest';
import { reactionTo } from '../../../hooks/reactions.ts';
import { type HookName, hookNames, type Reaction } from '../../../src/model/event.ts';

/** Each row of "Which event does what". */
const rows: readonly [
  hooks: readonly HookName[],
  operations: readonly string[],
  reaction: Reaction | undefined,
][] = [
  [['qemu', 'lxc', 'libxl'], ['prepare'], 'inspect'],
  [['qemu', 'lxc', 'libxl'], ['start'], 'restrict'],
  [['qemu', 'lxc', 'libxl'], ['started'], 'open'],
  [['qemu', 'lxc', 'libxl'], ['reconnect', 'attach'], 'reopen'],
  [['qemu', 'lxc', 'libxl'], ['stopped', 'release'], 'close'],
  [['qemu', 'lxc', 'libxl'], ['migrate', 'restore'], 'nothing'],
  [['network'], ['started', 'updated'], 'network-up'],
  [['network'], ['port-created'], 'attach'],
  [['network'], ['port-deleted'], 'detach'],
  [['network'], ['start'], 'nothing'],
  [['network'], ['stopped'], 'network-down'],
  [['daemon'], ['start'], 'tidy'],
  [['daemon'], ['reload'], 'catch-up'],
  [['daemon'], ['shutdown'], 'assert'],
  [['qemu', 'lxc', 'libxl', 'network', 'daemon'], ['of-another-version', '', '-'], undefined],
];

test.each(
  rows.flatMap(([hooks, operations, reaction]) =>
    hooks.flatMap((hook) => operations.map((operation) => [hook, operation, reaction] as const)),
  ),
)('%s %s: %s', (hook, operation, reaction) => expect(reactionTo(hook, operation)).toBe(reaction));

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  '%s, which every object has, is no operation',
  (name) => {
    for (const hook of hookNames) expect(reactionTo(hook, name)).toBeUndefined();
  },
);
