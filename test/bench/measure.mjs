// Runs commands in turn, round by round, so that whatever else the machine does falls on all of them alike.
// Reads { rounds, cases: { name: { argv, input?, before?: [[...]] } } } as JSON on stdin; prints { name: [milliseconds] }.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { rounds, cases } = JSON.parse(readFileSync(0, 'utf8'));
const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, { argv, input = '', before = [] }] of Object.entries(cases)) {
    for (const [program, ...args] of before) spawnSync(program, args, { input });
    const began = performance.now();
    const { status, stderr } = spawnSync(argv[0], argv.slice(1), {
      input,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    times[name].push(performance.now() - began);
    if (status !== 0) throw new Error(`${argv.join(' ')}: ${status}: ${stderr}`);
  }
}
console.log(JSON.stringify(times));
