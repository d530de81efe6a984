import { readdirSync } from 'node:fs';
import type { Lab } from '../support/lab.ts';
import { readRepository, repositoryPath } from '../support/repository.ts';

/*
 * Rules of other software in iptables, as iptables-save shows them: recorded from Docker 20.10.24 (with one published port,
 * and FORWARD's policy as it sets it where it turns on forwarding) and ufw 0.36.2; laid out as firewalld does it with
 * iptables, fail2ban and kube-proxy.
 */

export interface Other {
  readonly name: string;
  /** `above` everybody else's rules, as its restart may put them, or `below`. */
  readonly load: (lab: Lab, where: 'above' | 'below') => void;
  readonly remove: (lab: Lab) => void;
}

const folder = 'test/contract/rules';

export const others: readonly Other[] = readdirSync(repositoryPath(folder)).map((file) => {
  const text = readRepository(`${folder}/${file}`);
  return {
    name: file.replace('.txt', ''),
    load: (lab, where) => restore(lab, where === 'below' ? withoutBases(text) : above(withoutBases(text))),
    remove: (lab) => restore(lab, removalOf(text)),
  };
});

function restore(lab: Lab, input: string): void {
  lab.host.run('iptables-restore', ['--noflush'], { input });
}

/** Policies count; that a chain is there does not. */
function withoutBases(text: string): string {
  return text.replaceAll(/^:\S+ ACCEPT .*\n/gm, '');
}

const ofBase = /^-A (FORWARD|INPUT|OUTPUT|PREROUTING|POSTROUTING) /;

/** Each rule in somebody's base chain at the next place from its head. */
function above(text: string): string {
  const counts = new Map<string, number>();
  return text
    .split('\n')
    .map((line) => {
      if (line.startsWith('*')) counts.clear();
      const chain = ofBase.exec(line)?.[1];
      if (chain === undefined) return line;
      counts.set(chain, (counts.get(chain) ?? 0) + 1);
      return line.replace(ofBase, `-I ${chain} ${counts.get(chain)} `);
    })
    .join('\n');
}

/** What takes all of it away again: rules in other people's chains, its own chains, and its policies. */
function removalOf(text: string): string {
  return text
    .split(/^(?=\*)/m)
    .filter((section) => section.startsWith('*'))
    .map((section) => {
      const [table = '', ...lines] = section.trim().split('\n');
      const own = lines.flatMap((line) => /^:(\S+) -/.exec(line)?.[1] ?? []);
      const policies = lines.flatMap((line) => {
        const chain = /^:(\S+) DROP/.exec(line)?.[1];
        return chain === undefined ? [] : [`:${chain} ACCEPT [0:0]`];
      });
      const rules = lines.filter((line) => ofBase.test(line)).map((line) => line.replace(/^-A/, '-D'));
      const chains = [...own.map((chain) => `-F ${chain}`), ...own.map((chain) => `-X ${chain}`)];
      return [table, ...policies, ...rules, ...chains, 'COMMIT\n'].join('\n');
    })
    .join('');
}
