import { type GuestId, guestDrivers } from './guest.ts';
import type { Outcome } from './outcome.ts';
import { messageOf, quoted } from './problem.ts';
import { isList, isObject, isOneOf, isText, type Shape } from './shape.ts';
import { visibleLine } from './visible-text.ts';

/*
 * What guestgate finds wrong, as data: from the place that finds it to the command, or the log line, that shows it.
 * Only `describeFinding()` and `describeWithin()` make a sentence of it, and no code reads that sentence.
 */

/** How much a fault keeps closed: all forwards, some of them, or none yet. The worst first. */
export const severities = ['everything', 'something', 'later'] as const;
export type Severity = (typeof severities)[number];

/**
 * Kinds that code tells apart. `conflict`: another guest holds what the policy asks for; `refused`: the kernel did not take
 * the rules; `no-uplink`: an interface of the host, which a forward names, has no address; `several-leases`: DHCP gave an interface several addresses; `no-address`: an address that the policy needs was not
 * found, and DHCP may still give it; `unreadable`: the record cannot be read; `head-rule`: guestgate's accept is not first; `unread`: what the kernel
 * holds could not be read, so that neither agreement nor difference is known; `link`: an interface is down, or not where a guest needs it.
 */
const kinds = [
  'conflict',
  'refused',
  'several-leases',
  'no-address',
  'unreadable',
  'head-rule',
  'unread',
  'link',
  'no-uplink',
] as const;
export type FindingKind = (typeof kinds)[number];

/** What is wrong with something that the caller knows. */
export interface Fault {
  readonly kind?: FindingKind;
  /** A clause without a full stop: `forward 8080:80 repeats host ports of 8080:81`. */
  readonly problem: string;
  readonly severity: Severity;
  /** The shell command that fixes it, or shows how. */
  readonly fix?: string;
  /** What to do where no command does it: `use another port or address`. */
  readonly advice?: string;
  /** Lines that show it, such as the rules in question. */
  readonly details?: readonly string[];
}

/** A guest, a network, or the name of anything else: `kernel`, `/etc/guestgate/guestgate.toml:12`, `net.ipv4.ip_forward`. */
export type Subject =
  | string
  | { readonly network: string }
  /** `at`: the place in its policy, a file with a line or `metadata in the domain XML`. */
  | { readonly guest: GuestId; readonly at?: string };

export interface Finding extends Fault {
  readonly subject: Subject;
}

/** A fault of a policy: what can be done of it is done. @param advice see `Fault` */
export function policyFault(problem: string, advice?: string): Fault {
  return { problem, severity: 'something', ...(advice !== undefined && { advice }) };
}

/** A difference between rules in the kernel and those that the records ask for. A replay makes the rules again. */
export function ruleFault(problem: string, severity: Severity = 'something'): Fault {
  return { problem, severity, fix: 'guestgate replay' };
}

/** @param chain the foreign chain: `iptables FORWARD` */
export function headRuleFault(chain: string): Fault {
  const problem = `guestgate's accept rule is not first in ${chain}`;
  return { kind: 'head-rule', ...ruleFault(problem, 'everything') };
}

export function findingsOf(subject: Subject, faults: readonly Fault[]): Finding[] {
  return faults.map((fault) => ({ subject, ...fault }));
}

export function isSame(faults: readonly Fault[], others: readonly Fault[]): boolean {
  return JSON.stringify(faults) === JSON.stringify(others);
}

/** Each fault once: what holds in both families is found twice. */
export function distinct<F extends Fault>(faults: readonly F[]): F[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
}

/** A guest as the subject of findings, without its interfaces. */
export function aboutGuest({ driver, name }: GuestId, at?: string): Subject {
  return { guest: { driver, name }, ...(at !== undefined && { at }) };
}

/** An error as a finding: something was not done, and the error says what and why. */
export function failure(subject: Subject, error: unknown, kind?: FindingKind): Finding {
  return {
    ...(kind !== undefined && { kind }),
    subject,
    problem: messageOf(error),
    severity: 'something',
  };
}

/** On one line: `qemu guest "web": port 8080/tcp is taken by qemu guest "a" (use another port or address)`. */
export function describeFinding(finding: Finding): string {
  return `${describeSubject(finding.subject)}: ${describeFault(finding)}`;
}

/** The same inside a message about a guest or a network, which names that already. */
export function describeWithin(finding: Finding): string {
  const { subject } = finding;
  const place = typeof subject === 'string' ? subject : 'guest' in subject ? subject.at : undefined;
  return place === undefined ? describeFault(finding) : `${visibleLine(place)}: ${describeFault(finding)}`;
}

/** An event whose policy could not be applied. @param refuse whether the guest must not start */
export function failedOutcome(problems: readonly Finding[], refuse = false): Outcome {
  return { level: 'error', message: problems.map(describeWithin).join('; '), ...(refuse && { refuse }) };
}

export function describeSubject(subject: Subject): string {
  if (typeof subject === 'string') return visibleLine(subject);
  if ('network' in subject) return `network ${quoted(subject.network)}`;
  const { guest, at } = subject;
  return `${guest.driver} guest ${quoted(guest.name)}${at === undefined ? '' : `: ${visibleLine(at)}`}`;
}

/** The same without its subject. What comes from outside cannot begin a line of its own. */
export function describeFault({ problem, advice, fix, details = [] }: Fault): string {
  const remedy = advice ?? fix;
  const lines = details.map((line) => `\n    ${visibleLine(line)}`).join('');
  return `${visibleLine(problem)}${remedy === undefined ? '' : ` (${visibleLine(remedy)})`}${lines}`;
}

const isSubject: Shape = (value) =>
  isText(value) ||
  isObject({ network: isText })(value) ||
  isObject({ guest: isObject({ driver: isOneOf(...guestDrivers), name: isText }), 'at?': isText })(value);

/** Whether a value of a file of the state is a finding. */
export const isFinding: Shape = isObject({
  'kind?': isOneOf(...kinds),
  subject: isSubject,
  problem: isText,
  severity: isOneOf(...severities),
  'fix?': isText,
  'advice?': isText,
  'details?': isList(isText),
});
