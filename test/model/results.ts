import type { Lab } from '../support/lab.ts';
import { resultFile } from './script.ts';

/* How the calls of a stretch ended: a hook prints nothing, and refuses nothing of guests that may start. */

export function judgeResults(lab: Lab): string[] {
  const differences: string[] = [];
  for (const line of lab.host.read(resultFile).split('\n')) {
    const [label = '', code = '', bytes = ''] = line.split(' ');
    if (label === '') continue;
    const isCommand = label.startsWith('command');
    if (!isCommand && bytes !== '0') differences.push(`${label} prints ${bytes} bytes to stdout`);
    if (label.endsWith('-faulty')) continue;
    if (!isCommand && code !== '0') differences.push(`${label} ends with ${code}`);
    if (isCommand && !['0', '1'].includes(code) && !label.includes('publish'))
      differences.push(`${label} ends with ${code}`);
  }
  return differences;
}
