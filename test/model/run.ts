import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Life } from './event.ts';
import type { ModelBackend } from './host.ts';
import { live } from './life.ts';
import { type Failure, search } from './search.ts';

/*
 * npm run model -- --events 1000 --seed 7 --backend iptables: random lives of a host until so many events have happened, or
 * so many --hours are over, or a life ends other than the model says. That one is made shorter, and written down: --again
 * FILE runs it again.
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '500' },
    hours: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    backend: { type: 'string', default: 'nftables' },
    guests: { type: 'string', default: '8' },
    shorter: { type: 'string', default: '100' },
    again: { type: 'string' },
    to: { type: 'string', default: '.cache/model' },
  },
});
const backend = values.backend as ModelBackend;
const file = `${values.to}/${backend}-${values.seed}`;

if (values.again !== undefined) {
  const { differences, log } = await live(JSON.parse(readFileSync(values.again, 'utf8')) as Life, backend);
  console.log(`${log}${differences.join('\n') || 'no difference'}`);
  process.exitCode = differences.length > 0 ? 1 : 0;
} else {
  const until = {
    events: values.hours === undefined ? Number(values.events) : Number.POSITIVE_INFINITY,
    milliseconds: values.hours === undefined ? Number.POSITIVE_INFINITY : Number(values.hours) * 3_600_000,
  };
  const seed = Number(values.seed);
  console.log(`seed ${seed}, ${backend}`);
  const found = await search({
    seed,
    backend,
    until,
    guests: Number(values.guests),
    shorter: Number(values.shorter),
    say: console.log,
    keep,
  });
  console.log(`${found.events} events in ${found.lives} lives, seed ${seed}, ${backend}`);
  if (found.failure !== undefined) {
    const lines = [
      ...found.failure.differences,
      `as a script: ${file}.sh`,
      `again: npm run model -- --backend ${backend} --again ${file}.json`,
    ];
    console.log(lines.join('\n'));
    process.exitCode = 1;
  }
}

function keep({ life, script, log }: Failure): void {
  mkdirSync(values.to, { recursive: true });
  writeFileSync(`${file}.json`, JSON.stringify(life, null, 1));
  writeFileSync(`${file}.sh`, script);
  writeFileSync(`${file}.log`, log);
}
