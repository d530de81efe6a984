import { hex } from '../backends/names.ts';
import type { ChainDecision, Obstacle } from '../explain/traced.ts';
import type { HostFinding } from './check.ts';
import type { HostKnowledge } from './host-knowledge.ts';

/** Obstacles with the same key are one. */
export function obstacleKey(obstacle: Obstacle): string {
  if (obstacle.kind === 'chain') {
    const { chain, hit, hook } = obstacle;
    return ['chain', hook, chain, hit?.chain, hit?.handle, hit?.rule].join('\n');
  }
  const { why, input, to } = obstacle;
  return why === 'no-route' ? `${why} ${to}` : `${why} ${input}`;
}

type Fault = Omit<HostFinding, 'severity'>;

/**
 * What an obstacle is, and the command that ends it, or shows it; undefined if another check has it.
 *
 * @param connections `from outside (eth0) to 0.0.0.0:8080/tcp of guest "web"`
 */
export function obstacleFault(
  obstacle: Obstacle,
  connections: string,
  host: HostKnowledge,
): Fault | undefined {
  if (obstacle.kind === 'chain') return chainFault(obstacle, connections, host.mark);
  const { why, input = '', to } = obstacle;
  switch (why) {
    case 'forwarding':
      if (host.forwardingIsOff) return undefined;
      return {
        subject: `forwarding of ${input}`,
        problem: `it is 0: the kernel forwards nothing that arrives on ${input}, and drops connections ${connections}`,
        fix: `sysctl -w net.ipv4.conf.${input.replaceAll('.', '/')}.forwarding=1`,
      };
    case 'rp-filter':
      return rpFilterFault(input, connections, host.rpFilter(input));
    case 'no-route':
      return {
        subject: to,
        problem: `this host has no route to it, or one that refuses: it drops connections ${connections}`,
        fix: `ip route get ${to}; ip -br link; ip route; ip rule`,
      };
  }
}

/**
 * A strict check (RFC 3704, 2.2) drops packets that arrive by another interface than the route back uses: on the second of
 * two uplinks all packets but those of neighbours. A loose one drops those to whose source there is no route.
 */
function rpFilterFault(input: string, connections: string, value: number): Fault {
  const name = `net.ipv4.conf.${input.replaceAll('.', '/')}.rp_filter`;
  const subject = `rp_filter of ${input}`;
  if (value === 1)
    return {
      subject,
      problem: `it is 1 (strict), and the route back uses another interface: the kernel drops connections ${connections}`,
      fix: `sysctl -w ${name}=2`,
    };
  return {
    subject,
    problem: `it is ${value} (loose), and there is no route back: the kernel drops connections ${connections}`,
    fix: 'ip route; ip rule',
  };
}

function chainFault(
  obstacle: Extract<Obstacle, { kind: 'chain' }>,
  connections: string,
  mark: number,
): Fault {
  const { verdict, hit, chain, words } = obstacle;
  const does = verdict === 'dropped' ? 'drops' : 'rejects';
  const what = `it ${does} connections ${connections}`;
  return {
    subject: words === 'nft' ? `chain ${chain}` : chain,
    cause: chain,
    ...(hit === undefined
      ? { problem: `${what} (its policy)` }
      : { problem: what, details: [describeRule(obstacle)] }),
    ...remedyOf(obstacle, mark),
  };
}

/** A rule as its program shows it, and its chain where that is another. */
export function describeRule({ chain, hit }: ChainDecision): string {
  if (hit === undefined) return 'its policy';
  return hit.rule.startsWith('-A ') || chain.endsWith(` ${hit.chain}`)
    ? hit.rule
    : `${hit.chain}: ${hit.rule}`;
}

/** The priority of guestgate's own chain of hook forward: only behind it do connections carry its mark. */
const admission = -160;

/**
 * An accept for what guestgate admits, right before the rule that drops it or, with a policy, last: what the chain drops
 * before, as banned sources, stays dropped. Where connections do not carry the mark yet, only the rule itself can change.
 */
function remedyOf(obstacle: ChainDecision, mark: number): { fix: string; advice?: string } {
  const { words, chain, hook, priority, hit } = obstacle;
  if (words === 'iptables') return { fix: listingOf(chain, hit?.chain), advice: 'change or delete the rule' };
  const [family = '', table = '', base = ''] = chain.split(' ');
  if (table === 'firewalld')
    return {
      fix: 'firewall-cmd --list-all-policies',
      advice:
        'firewalld owns its chains, and accepts what is translated; what is open needs a policy of its own: firewall-cmd --permanent --new-policy NAME, then --policy NAME with --add-ingress-zone, --add-egress-zone and --add-rich-rule',
    };
  const path = `${family} ${table} ${hit?.chain ?? base}`;
  if (hook !== 'forward' || priority <= admission)
    return { fix: `nft -a list chain ${path}`, advice: 'change or delete the rule' };
  const bit = hex(mark);
  const accept = `ct mark and ${bit} == ${bit} accept`;
  return {
    fix:
      hit?.handle === undefined
        ? `nft add rule ${path} ${accept}`
        : `nft insert rule ${path} handle ${hit.handle} ${accept}`,
    advice: 'put the accept into the file that the chain comes from, too',
  };
}

/** `iptables-legacy mangle FORWARD`: its rules, with their numbers. */
export function listingOf(place: string, inner?: string): string {
  const [program = '', table = '', chain = ''] = place.split(' ');
  return `${program} -t ${table} -L ${inner ?? chain} -nv --line-numbers`;
}
