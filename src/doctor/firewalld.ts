import { readText } from '../system/files.ts';
import { tryRun } from '../system/run.ts';
import type { Check, Finding } from './finding.ts';

const file = '/etc/firewalld/firewalld.conf';

/**
 * firewalld accepts what is translated, unless it is told that only its own forwards count
 * (firewalld.conf(5), StrictForwardPorts, since 2.3).
 *
 * @param runs whether its table is in the kernel
 */
export function judgeFirewalld(configuration: string, runs: boolean): Finding[] {
  if (!runs || !/^\s*StrictForwardPorts\s*=\s*(yes|true)\s*$/im.test(configuration)) return [];
  return [
    {
      severity: 'everything',
      what: `${file} says StrictForwardPorts=yes: firewalld rejects every forward that is not its own`,
      fix: `sed -i 's/^ *StrictForwardPorts *=.*/StrictForwardPorts=no/' ${file} && firewall-cmd --reload`,
    },
  ];
}

export const firewalld: Check = () => {
  const configuration = readText(file);
  if (configuration === undefined) return [];
  return judgeFirewalld(
    configuration,
    tryRun({ program: 'nft', args: ['list', 'chains', 'inet'] })?.includes('table inet firewalld') === true,
  );
};
