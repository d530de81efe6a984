import { readdirSync } from 'node:fs';
import { type Lab, readRepository, repositoryPath } from '../support/lab.ts';

/*
 * Rules as other software lays them out in iptables, each with what makes it a neighbour: Docker, ufw and firewalld
 * reject what they do not know and come first, fail2ban and kube-proxy insert their jumps at the head of everybody's
 * chains.
 */

export interface Other {
  readonly name: string;
  /** As its start does. Again: as its restart does, its jumps come first once more. */
  readonly load: (lab: Lab) => void;
  readonly remove: (lab: Lab) => void;
}

const folder = 'test/contract/rules';

export const others: readonly Other[] = readdirSync(repositoryPath(folder)).map((file) => {
  const text = readRepository(`${folder}/${file}`);
  const remove = removalOf(text);
  return {
    name: file.replace('.txt', ''),
    load: (lab) => restore(lab, text),
    remove: (lab) => restore(lab, remove),
  };
});

function restore(lab: Lab, input: string): void {
  lab.host.run('iptables-restore', ['--noflush'], { input });
}

/** What takes all of it away again: rules in other people's chains, its own chains, and FORWARD's policy. */
function removalOf(text: string): string {
  return text
    .split(/^(?=\*)/m)
    .map((section) => {
      const [table = '', ...lines] = section.trim().split('\n');
      const own = lines.flatMap((line) => /^:(\S+) -/.exec(line)?.[1] ?? []);
      const policy = lines.filter((line) => line.startsWith(':FORWARD')).map(() => ':FORWARD ACCEPT [0:0]');
      const rules = lines
        .filter((line) => /^-[AI] (FORWARD|INPUT|OUTPUT|PREROUTING|POSTROUTING) /.test(line))
        .map((line) => line.replace(/^-A|^-I/, '-D').replace(/^(-D \S+) 1 /, '$1 '));
      const chains = [...own.map((chain) => `-F ${chain}`), ...own.map((chain) => `-X ${chain}`)];
      return [table, ...policy, ...rules, ...chains, 'COMMIT\n'].join('\n');
    })
    .join('');
}
