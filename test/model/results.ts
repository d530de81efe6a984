import type { Lab } from '../support/lab.ts';
import { resultFile } from './script.ts';

/* How the calls of a stretch ended: a hook prints nothing and exits with 0, and `publish` refuses what the files give others. */

/** @param mayBeKilled whether a program that a call starts may end its caller */
export function judgeResults(lab: Lab, mayBeKilled: boolean): string[] {
  const differences: string[] = [];
  for (const line of lab.host.read(resultFile).split('\n')) {
    const [label = '', code = '', bytes = ''] = line.split(' ');
    if (label === '') continue;
    const allowed = label.startsWith('refused') ? ['2'] : label.startsWith('command') ? ['0', '1'] : ['0'];
    if (allowed.length === 1 && allowed[0] === '0' && bytes !== '0')
      differences.push(`${label} prints ${bytes} bytes to stdout`);
    if (mayBeKilled && code === '137') continue;
    if (!label.endsWith('-faulty') && !allowed.includes(code)) differences.push(`${label} ends with ${code}`);
  }
  return differences;
}
