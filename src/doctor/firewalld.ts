import { readText } from '../system/files.ts';
import { tryRun } from '../system/run.ts';
import type { Check, HostFinding } from './check.ts';

const file = '/etc/firewalld/firewalld.conf';

/**
 * firewalld accepts translated packets, unless StrictForwardPorts limits it to its own forwards
 * (firewalld.conf(5), StrictForwardPorts, since 2.3).
 *
 * @param runs whether its table is in the kernel
 */
export function judgeFirewalld(configuration: string, runs: boolean): HostFinding[] {
  if (!runs || !/^\s*StrictForwardPorts\s*=\s*(yes|true)\s*$/im.test(configuration)) return [];
  return [
    {
      severity: 'everything',
      subject: file,
      problem: 'StrictForwardPorts=yes: firewalld rejects every forward that is not its own',
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
