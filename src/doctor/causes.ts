import { type Severity, severities } from '../model/finding.ts';
import type { HostFinding } from './check.ts';

/**
 * Findings of several checks about one cause as one: the first of them, with what the traces showed. That a head rule is
 * not first blocks what a trace saw end in that chain, and nothing else.
 */
export function byCause<F extends HostFinding>(found: readonly F[]): F[] {
  const first = new Map<string, F>();
  for (const finding of found)
    if (finding.cause !== undefined && !first.has(finding.cause)) first.set(finding.cause, finding);
  return found.flatMap((finding) => {
    const { cause } = finding;
    if (cause === undefined) return [finding];
    const same = found.filter((one) => one.cause === cause && one.kind === finding.kind);
    const leader = first.get(cause);
    if (leader === undefined || leader.kind !== 'head-rule') return [finding];
    if (finding.kind !== 'head-rule') return [];
    return same[0] === finding ? [withEffect(finding, found)] : [];
  });
}

function withEffect<F extends HostFinding>(headRule: F, found: readonly F[]): F {
  const ended = found.filter(({ cause, kind }) => cause === headRule.cause && kind !== 'head-rule');
  return { ...headRule, severity: worst(ended.map(({ severity }) => severity)) };
}

function worst(all: readonly Severity[]): Severity {
  return severities.find((severity) => all.includes(severity)) ?? 'later';
}
