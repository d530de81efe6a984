import { applyDeltas, findDeltas } from '../apply/apply.ts';
import { keepIfApplied } from '../apply/keep-applied.ts';
import { loadConfiguration, locate } from '../desired/configuration.ts';
import { failure } from '../model/finding.ts';
import { paths } from '../model/paths.ts';
import { quoted } from '../model/problem.ts';
import { applyNetworks } from '../reconcile/apply-networks.ts';
import { locked } from '../reconcile/queue.ts';
import { configurationStamp } from '../state/configuration-stamp.ts';
import { readConfigurationFiles } from '../system/configuration-files.ts';
import { pause } from '../system/pause.ts';
import type { Turns } from './turns.ts';
import type { Report, WatchEvent } from './watch-event.ts';

/** How often the files are looked at, in milliseconds. They count when two looks find the same: an editor has finished. */
const every = 300;
/** How many more looks have to find a file empty: a program that writes in place empties it first, and may be slow. */
const untilEmpty = 10;

/**
 * Applies changed configuration files, as `guestgate apply` does, but only if they hold no mistake: a file that is saved
 * half-way must not close forwards. Files with mistakes are reported once.
 */
export async function followConfiguration(signal: AbortSignal, turns: Turns, report: Report): Promise<void> {
  let [seen, handled, same] = ['', '', 0];
  for (; !signal.aborted; await pause(every, signal)) {
    const stamp = configurationStamp();
    same = stamp === seen ? same + 1 : 0;
    seen = stamp;
    if (same === 0 || stamp === handled || (same < untilEmpty && isAnyEmpty())) continue;
    handled = stamp;
    try {
      const event = await turns.take(applyIfValid);
      if (event !== undefined) await report(event);
    } catch (error) {
      await report({ kind: 'failed', faults: [failure('configuration', error)] });
    }
  }
}

function isAnyEmpty(): boolean {
  return readConfigurationFiles(paths.configuration).some((file) => 'text' in file && file.text === '');
}

async function applyIfValid(): Promise<WatchEvent | undefined> {
  const { problems: mistakes, files } = await loadConfiguration();
  if (mistakes.length > 0) return { kind: 'mistakes', findings: await locate(mistakes, files) };
  // What the uplinks change is not a change of the configuration.
  await locked(() => undefined);
  const { changing: all, networks, wanted, problems, hostChanges, read, protection } = await findDeltas([]);
  const changing = all.filter(({ added, removed }) => hostChanges || added.length + removed.length > 0);
  if (protection === undefined && changing.length + networks.length === 0) {
    keepIfApplied(read, problems);
    return undefined;
  }
  const applied = await applyDeltas(changing);
  const ofNetworks = await applyNetworks(networks, wanted);
  const found = [...problems, ...ofNetworks, ...applied.flatMap((guest) => guest.problems)];
  keepIfApplied(read, found);
  return {
    kind: 'applied',
    to: [
      ...(protection === undefined ? [] : ['the host']),
      ...changing.map(({ guest }) => `${guest.driver} guest ${quoted(guest.name)}`),
      ...networks.map(({ network }) => `network ${quoted(network)}`),
    ],
    findings: found,
  };
}
