import { test as base } from 'vitest';
import { Lab, type LabGuest, type LabOptions } from './lab.ts';

/** What is special about the labs of a test file. */
export interface LabChoice<Name extends string> extends LabOptions {
  /** The guests, in the order of their addresses: 192.168.122.41, .42 ... None of them is started. */
  readonly guests?: readonly Name[];
  /** Those of them that answer nothing. */
  readonly silent?: readonly NoInfer<Name>[];
  /** DROP: what no rule accepts does not get through, as on a host with a firewall. */
  readonly forwarding?: 'ACCEPT' | 'DROP';
}

type Guests<Name extends string> = Readonly<Record<Name, LabGuest>>;

/**
 * One lab for a file: the lab, its guests by their names, and `test`, which starts the lab before the first hook or test
 * that needs it and destroys it after the last, whether they passed or not. Where no test of the file runs, there is none.
 *
 *     const { test, lab, web } = labTest({ guests: ['web'], forwarding: 'DROP' });
 *
 * What is done to the host once belongs in `test.beforeAll`: a plain `beforeAll` of the file runs before the lab is there.
 */
export function labTest<const Name extends string = never>(choice: LabChoice<Name> = {}) {
  const { lab, guests } = declared(choice);
  const test = base
    .extend('lab', { scope: 'file' }, lab)
    .extend('started', { scope: 'file', auto: true }, async ({ lab: own }, { onCleanup }) => {
      onCleanup(() => own.destroy());
      await start(own, guests, choice);
    });
  return { ...guests, lab, test };
}

/**
 * A lab of its own for each test that asks for it, side by side if need be; the guests' data are the same in all of them.
 *
 *     const { test, web } = ownLabTest({ guests: ['web'] });
 *     test.concurrent('...', async ({ lab }) => { ... });
 */
export function ownLabTest<const Name extends string = never>(choice: LabChoice<Name> = {}) {
  const { guests } = declared(choice);
  const test = base.extend('lab', async ({ task: _ }, { onCleanup }) => {
    const { lab } = declared(choice);
    onCleanup(() => lab.destroy());
    await start(lab, guests, choice);
    return lab;
  });
  return { ...guests, test };
}

function declared<Name extends string>(choice: LabChoice<Name>) {
  const lab = new Lab(choice);
  const named = (choice.guests ?? []).map((name) => [name, lab.nameGuest(name)] as const);
  return { lab, guests: Object.fromEntries(named) as Guests<Name> };
}

async function start<Name extends string>(
  lab: Lab,
  guests: Guests<Name>,
  { silent = [], forwarding = 'ACCEPT', ipv6 }: LabChoice<Name>,
): Promise<void> {
  await lab.start();
  for (const name of Object.keys(guests) as Name[])
    lab.putGuest(guests[name], { serve: !silent.includes(name) });
  if (forwarding === 'DROP')
    lab.host.sh(`iptables -P FORWARD DROP${ipv6 === true ? '; ip6tables -P FORWARD DROP' : ''}`);
}
