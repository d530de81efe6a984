// Runs in a lab's host: calls the qemu hook with each text of a JSON file, and prints what became of each call.
import { readFileSync } from 'node:fs';

import type { Called } from './hooks.ts';

const hook = '/etc/libvirt/hooks/qemu';
const calls = [
  ['started', 'begin'],
  ['stopped', 'end'],
] as const;

interface Spawned {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly resourceUsage: { readonly maxRSS: number };
}

/** Of bun, which tells what a program has used. */
declare const Bun: {
  readonly spawnSync: (command: readonly string[], options: { readonly stdin: Uint8Array }) => Spawned;
};

function call(
  guest: string,
  input: number,
  text: string,
  [operation, suffix]: (typeof calls)[number],
): Called {
  const began = performance.now();
  const ran = Bun.spawnSync([hook, guest, operation, suffix, '-'], { stdin: new TextEncoder().encode(text) });
  return {
    ...{ input, operation, exitCode: ran.exitCode },
    stdout: new TextDecoder().decode(ran.stdout),
    stderr: new TextDecoder().decode(ran.stderr),
    seconds: (performance.now() - began) / 1000,
    megabytes: ran.resourceUsage.maxRSS / 2 ** 20,
  };
}

const [guest = '', file = ''] = process.argv.slice(2);
const texts = JSON.parse(readFileSync(file, 'utf8')) as string[];
console.log(
  JSON.stringify(texts.flatMap((text, input) => calls.map((one) => call(guest, input, text, one)))),
);
