// Tries the readers of XML, and the built program as hook, on every XML file of libvirt's sources and on mutants of them.
// Arguments: --mutants N of each kind (1000), --seed S, --most N hook calls for files and for mutants each (all).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutate } from '../fuzz/mutate.ts';
import { Random } from '../unit/planner/random.ts';
import { libvirtXml } from './fetch.mjs';
import { callHooks, type HookInput } from './hooks.ts';
import { readTwice, type Verdict } from './readers.ts';

const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    most: { type: 'string', default: '100000' },
  },
});
const mutants = Number(values.mutants);
const most = Number(values.most);
const random = new Random(Number(values.seed));
/** libvirt's largest are some hundred kB; what is longer says nothing more. */
const longest = 300_000;

const folder = libvirtXml();
const files = (readdirSync(folder, { recursive: true }) as string[])
  .filter((name) => name.endsWith('.xml'))
  .sort()
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
  .filter(({ text }) => text.length <= longest);

const kinds = {
  domain: files.filter(({ text }) => /<domain[\s>]/.test(text)),
  network: files.filter(({ text }) => /<network[\s>]/.test(text)),
  'domain status': files.filter(({ text }) => /<domstatus[\s>]/.test(text)),
};

let failures = 0;
await readAll(
  `${files.length} files`,
  files.map(({ name, text }) => [name, text]),
);
const mutated: Record<string, (readonly [string, string])[]> = {};
for (const [kind, sources] of Object.entries(kinds)) {
  mutated[kind] = Array.from({ length: mutants }, (_, index) => {
    const { name, text } = random.pick(sources);
    return [`mutant ${index} of ${name}`, mutate(text, random)] as const;
  });
  await readAll(`${mutants} mutants of ${sources.length} ${kind} files`, mutated[kind] ?? []);
}
const inputs = [
  ...kinds.domain.map(({ name, text }) => [name, text] as const).slice(0, most),
  ...(mutated['domain'] ?? []).slice(0, most),
];
failures += await callHooks(inputs.map(([name, text]): HookInput => ({ name, text })));
console.log(`seed ${values.seed}: ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;

async function readAll(what: string, texts: Iterable<readonly [name: string, text: string]>): Promise<void> {
  const counts: Record<Verdict | 'failed', number> = { plain: 0, full: 0, refused: 0, failed: 0 };
  for (const [name, text] of texts)
    try {
      counts[await readTwice(text)]++;
    } catch (error) {
      counts.failed++;
      console.log(`${name}: ${String(error).slice(0, 2000)}`);
    }
  failures += counts.failed;
  console.log(
    `readers, ${what}: ${counts.plain} plain, ${counts.full} by the full parser alone, ${counts.refused} refused, ${counts.failed} failed`,
  );
}
