import { isOurDecision } from '../explain/our-chains.ts';
import type { ChainDecision, Trace } from '../explain/traced.ts';
import type { HostFinding } from './check.ts';
import { describeTargets, describeWhence } from './forward-words.ts';
import type { HostKnowledge } from './host-knowledge.ts';
import { describeConnections, severityOf } from './judge-forwards.ts';
import { describeRule, listingOf } from './obstacle-fault.ts';
import type { Tried } from './try-forwards.ts';

/** Connections that end up elsewhere than at the guest, and rules of other programs that guestgate's hide. */
export function judgeTranslations(tried: readonly Tried[], host: HostKnowledge): HostFinding[] {
  const strayed = tried.filter((one) => !arrives(one) && one.trace.verdict !== 'unroutable');
  const hidden = tried.filter(
    (one) =>
      arrives(one) && one.bare.translatedBy !== undefined && !one.targets.every(({ isOpen }) => isOpen),
  );
  return [
    ...byDecision(strayed, ({ trace }) => trace.untrackedBy).map(([decision, by]) =>
      untracked(decision, by, tried),
    ),
    ...byDecision(strayed, ({ trace }) => (trace.untrackedBy === undefined ? foreign(trace) : undefined)).map(
      ([decision, by]) => taken(decision, by, tried),
    ),
    ...notTranslated(strayed, host, tried),
    ...byDecision(hidden, ({ bare }) => bare.translatedBy).map(([decision, by]) => hiddenRule(decision, by)),
  ];
}

/** The trace is that of the group's first target: its members differ in nothing that other programs' rules see. */
function arrives({ targets: [target], trace }: Tried): boolean {
  return target === undefined || (trace.destination === target.address && trace.port === target.to);
}

function foreign({ translatedBy }: Trace): ChainDecision | undefined {
  return translatedBy === undefined || isOurDecision(translatedBy) ? undefined : translatedBy;
}

function byDecision(
  tried: readonly Tried[],
  decide: (one: Tried) => ChainDecision | undefined,
): [ChainDecision, Tried[]][] {
  const found = new Map<string, [ChainDecision, Tried[]]>();
  for (const one of tried) {
    const decision = decide(one);
    if (decision === undefined) continue;
    // A rule that both hooks lead to is one.
    const table = decision.chain.split(' ').slice(0, 2).join(' ');
    const key = `${table}\n${decision.hit?.chain}\n${decision.hit?.rule}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, [decision, [one]]);
    else known[1].push(one);
  }
  return [...found.values()];
}

function untracked(decision: ChainDecision, by: readonly Tried[], all: readonly Tried[]): HostFinding {
  return {
    severity: severityOf(by, all),
    subject: subjectOf(decision),
    problem: `it excepts connections ${describeConnections(by)} from connection tracking, without which the kernel translates nothing`,
    details: [describeRule(decision)],
    fix: showing(decision),
  };
}

function taken(decision: ChainDecision, by: readonly Tried[], all: readonly Tried[]): HostFinding {
  return {
    severity: severityOf(by, all),
    subject: subjectOf(decision),
    problem: `${ownerOf(decision)} translates connections ${describeConnections(by)} before guestgate does: they end up at ${by[0]?.trace.to}`,
    details: [describeRule(decision)],
    fix: removing(decision),
  };
}

function notTranslated(strayed: readonly Tried[], host: HostKnowledge, all: readonly Tried[]): HostFinding[] {
  const by = strayed.filter(
    ({ trace }) => trace.untrackedBy === undefined && trace.translatedBy === undefined,
  );
  if (by.length === 0 || host.rulesDiffer) return [];
  return [
    {
      severity: severityOf(by, all),
      subject: 'kernel',
      problem: `no rule translates connections ${describeConnections(by)}: they end up at ${by[0]?.trace.to}`,
      fix: `guestgate explain ${by[0]?.origin.destination.includes(':') ? `[${by[0].origin.destination}]` : by[0]?.origin.destination}:${by[0]?.targets[0]?.port}`,
    },
  ];
}

function hiddenRule(decision: ChainDecision, by: readonly Tried[]): HostFinding {
  const targets = [...new Set(by.flatMap((one) => one.targets))];
  const whence = describeWhence(by.map(({ origin }) => origin));
  return {
    severity: 'later',
    subject: subjectOf(decision),
    problem: `${ownerOf(decision)} translates the same connections ${whence} to ${by[0]?.bare.to}: guestgate's forward comes first, and takes ${describeTargets(targets)} from it`,
    details: [describeRule(decision)],
    fix: removing(decision),
  };
}

function subjectOf({ words, chain }: ChainDecision): string {
  return words === 'nft' ? `chain ${chain}` : chain;
}

/** Programs whose chains have names of their own, and the command that shows which container or service of theirs holds a port. */
const owners: readonly { readonly name: RegExp; readonly owner: string; readonly look: string }[] = [
  { name: /^DOCKER/, owner: 'Docker', look: 'docker ps' },
  { name: /netavark/i, owner: 'Podman (netavark)', look: 'podman ps' },
  { name: /^CNI-/, owner: 'CNI (portmap)', look: 'iptables -t nat -S' },
  { name: /^KUBE-/, owner: 'Kubernetes (kube-proxy)', look: 'kubectl get services -A' },
  { name: /firewalld/, owner: 'firewalld', look: 'firewall-cmd --list-all-zones' },
  { name: /^LIBVIRT_|libvirt_network/, owner: 'libvirt', look: 'virsh net-list' },
];

function knownOwner({ chain, hit }: ChainDecision) {
  const parts = [...chain.split(' '), hit?.chain ?? ''];
  return owners.find(({ name }) => parts.some((part) => name.test(part)));
}

function ownerOf(decision: ChainDecision): string {
  const owner = knownOwner(decision)?.owner;
  return owner === undefined ? 'a rule' : `a rule of ${owner}`;
}

/** A rule of a program is that program's to remove. */
function removing(decision: ChainDecision): string {
  const owner = knownOwner(decision);
  const { words, chain, hit } = decision;
  if (owner !== undefined || hit === undefined) return owner?.look ?? showing(decision);
  const [program = '', table = ''] = chain.split(' ');
  if (words === 'iptables') return `${program} -t ${table} ${hit.rule.replace(/^-A/, '-D')}`;
  return `nft delete rule ${program} ${table} ${hit.chain} handle ${hit.handle}`;
}

function showing({ words, chain, hit }: ChainDecision): string {
  if (words === 'iptables') return listingOf(chain, hit?.chain);
  const [family, table, base] = chain.split(' ');
  return `nft -a list chain ${family} ${table} ${hit?.chain ?? base}`;
}
