import { fileURLToPath } from 'node:url';
import type { Lab } from '../support/lab.ts';
import { type Spread, spread } from './statistics.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Runs each case so many times in the lab, in turn, after two rounds that do not count. */
export function measured(lab: Lab, cases: Record<string, object>, times: number): Record<string, Spread> {
  const input = JSON.stringify({ rounds: times + 2, cases });
  const { stdout } = lab.host.run('node', [`${folder}measure.mjs`], { input, timeout: 600_000 });
  const all = JSON.parse(stdout) as Record<string, number[]>;
  return Object.fromEntries(Object.entries(all).map(([name, list]) => [name, spread(list.slice(2))]));
}
