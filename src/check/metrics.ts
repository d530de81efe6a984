import { statSync } from 'node:fs';
import { stateFiles } from '../model/state-files.ts';
import { readJournal } from '../state/journal.ts';
import { lastCalled } from '../state/last-hook-call.ts';
import { readTally } from '../state/tally.ts';
import { isWatched } from '../state/watch-process.ts';
import { type GuestStatus, type Status, status } from './status.ts';

/** A metric of Prometheus, and its samples. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What the metrics need besides `status`. */
export interface Tallies {
  readonly calls: number;
  readonly failures: number;
  readonly repairs: number;
  readonly transactions: number;
  readonly watched: boolean;
  /** In milliseconds since 1970. */
  readonly lastCall?: number;
  readonly lastTransaction?: number;
}

export async function readMetrics(): Promise<Metric[]> {
  const called = lastCalled();
  const journal = statSync(stateFiles.journal, { throwIfNoEntry: false });
  return metricsOf(await status(), {
    calls: readTally(stateFiles.calls),
    failures: readTally(stateFiles.failures),
    repairs: readTally(stateFiles.repairs),
    transactions: readJournal().transaction,
    watched: isWatched(),
    ...(called !== undefined && { lastCall: called }),
    ...(journal !== undefined && { lastTransaction: journal.mtimeMs }),
  });
}

export function metricsOf(found: Status, tallies: Tallies): Metric[] {
  const { guests, headRules, problems } = found;
  const running = guests.filter(({ state }) => state === 'running').length;
  const perGuest = (value: (guest: GuestStatus) => number | undefined): Sample[] =>
    guests.flatMap((guest) => {
      const number = value(guest);
      const labels = { driver: guest.guest.driver, guest: guest.guest.name };
      return number === undefined ? [] : [{ labels, value: number }];
    });
  const seconds = (milliseconds: number | undefined): Sample[] =>
    milliseconds === undefined ? [] : [{ value: milliseconds / 1000 }];
  const all: Metric[] = [
    gauge('guests', 'Guests that have rules, by whether they run.', [
      { labels: { state: 'running' }, value: running },
      { labels: { state: 'other' }, value: guests.length - running },
    ]),
    gauge(
      'forwards',
      'Forwards of a guest.',
      perGuest(({ elements }) => elements.filter(({ element }) => element.kind === 'forward').length),
    ),
    gauge(
      'connections',
      'Connections of a guest through its forwards, open ports and public addresses that the kernel tracks.',
      perGuest(({ elements }) => sum(elements.map(({ connectionsNow }) => connectionsNow))),
    ),
    gauge(
      'connections_bytes',
      'Bytes that these connections have carried in both directions; only with net.netfilter.nf_conntrack_acct.',
      perGuest(({ elements }) => sum(elements.map(({ bytesNow }) => bytesNow))),
    ),
    counter(
      'connections_total',
      'Connections of a guest since its rules were added, counted by their first packets.',
      perGuest(({ elements }) => sum(elements.map(({ packets }) => packets))),
    ),
    counter(
      'first_packets_bytes_total',
      'Bytes of the first packets of these connections.',
      perGuest(({ elements }) => sum(elements.map(({ bytes }) => bytes))),
    ),
    gauge(
      'guest_problems',
      'Parts of the policy of a guest that are not applied.',
      perGuest((guest) => guest.problems.length),
    ),
    gauge(
      'head_rule_in_place',
      'Whether the accept rule is first in a chain of another program.',
      headRules.map(({ name, inPlace }) => ({ labels: { chain: name }, value: Number(inPlace) })),
    ),
    gauge('unread_tables', 'Parts of the kernel that could not be read.', [{ value: problems.length }]),
    counter('hook_calls_total', 'Calls of hooks since boot.', [{ value: tallies.calls }]),
    counter('hook_errors_total', 'Calls of hooks since boot that met an error.', [
      { value: tallies.failures },
    ]),
    counter('repairs_total', 'Repairs of rules by guestgate watch since boot.', [{ value: tallies.repairs }]),
    counter('transactions_total', 'Changes of rules since boot.', [{ value: tallies.transactions }]),
    gauge('watcher_running', 'Whether guestgate watch runs.', [{ value: Number(tallies.watched) }]),
    gauge(
      'last_hook_call_timestamp_seconds',
      'When libvirt last called a hook, in seconds since 1970.',
      seconds(tallies.lastCall),
    ),
    gauge(
      'state_timestamp_seconds',
      'When rules and records last changed, in seconds since 1970.',
      seconds(tallies.lastTransaction),
    ),
  ];
  return all.filter(({ samples }) => samples.length > 0);
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `guestgate_${name}`, type: 'gauge', help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `guestgate_${name}`, type: 'counter', help, samples };
}

/** Undefined if none is known. */
function sum(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === 0 ? undefined : known.reduce((all, number) => all + number, 0);
}
