import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { save } from '../../../../src/backends/iptables/programs.ts';
import { iptables } from '../../../../src/backends/iptables/transaction.ts';
import { families } from '../../../../src/model/address.ts';
import type { KernelCommand } from '../../../../src/model/command.ts';
import type { FamilyElement } from '../../../../src/model/element.ts';
import { plan } from '../../../../src/planner/plan.ts';
import { rootTest } from '../../../support/root-test.ts';
import { Random } from '../../planner/random.ts';

/** From whatever state to whatever other, the kernel takes the way, and is where a rebuild would have brought it. */

const mark = 0x10000000;

rootTest.each(['nft', 'legacy'] as const)(
  'random changes of a guest lead where a rebuild leads (%s)',
  async (variant) => {
    const backend = iptables(variant);
    const random = new Random(variant === 'nft' ? 11 : 12);
    const host = random.host();
    const states = Array.from({ length: 8 }, () => plan(random.policy(), random.guest(), host).elements);
    states.push([]);
    const networks = { before: [], after: [] };
    const part = (elements: readonly FamilyElement[]) => ({ id: 'qemu-web', label: 'web', elements });
    const whole = (elements: readonly FamilyElement[]) => ({ guests: [part(elements)], networks: [], mark });
    const steps = [...(await backend.rebuild(whole([]), families, families, new Map()))];
    const list = families.map((family) => save(variant, family));
    let before: readonly FamilyElement[] = [];
    for (const after of states) {
      steps.push(...backend.change([{ ...part([]), before, after }], networks, mark));
      const anew = await backend.rebuild(whole(after), families, families, new Map());
      expect(kernel([...steps, ...list])).toEqual(kernel([...anew, ...list]));
      before = after;
    }
  },
  60_000,
);

/** Runs commands in a network namespace of their own; the lines of what they print, rules of one chain in their order. */
function kernel(commands: readonly KernelCommand[]): string[] {
  const script = commands
    .filter(({ args }) => !args.includes('--test'))
    .map(({ program, args, input = '' }) => `${program} ${args.join(' ')} <<'INPUT'\n${input}INPUT\n`)
    .join('');
  const { status, stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-e'], {
    input: script,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const lines = stdout.split('\n').filter((line) => /^\*|GUESTGATE/.test(line));
  // In filter, and where guests share a chain, any order will do.
  const inOrder = lines.filter((line) => /^-A GUESTGATE-[a-z2-7]{10}-/.test(line));
  return [...inOrder, ...lines.toSorted()];
}
