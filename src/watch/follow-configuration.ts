import { applyDeltas, findDeltas } from '../apply/apply.ts';
import { loadConfiguration, locate } from '../desired/configuration.ts';
import { failure } from '../model/finding.ts';
import { quoted } from '../model/problem.ts';
import { applyNetworks } from '../reconcile/apply-networks.ts';
import { locked } from '../reconcile/queue.ts';
import { configurationStamp } from '../state/configuration-stamp.ts';
import { pause } from '../system/pause.ts';
import type { Turns } from './turns.ts';
import type { Report, WatchEvent } from './watch-event.ts';

/** How often the files are looked at, in milliseconds. They count when two looks find the same: an editor has finished. */
const every = 300;

/**
 * Applies changed configuration files, as `guestgate apply` does, but only if they hold no mistake: a file that is saved
 * half-way must not close forwards. Files with mistakes are reported once.
 */
export async function followConfiguration(signal: AbortSignal, turns: Turns, report: Report): Promise<void> {
  let [seen, handled] = ['', ''];
  for (; !signal.aborted; await pause(every, signal)) {
    const stamp = configurationStamp();
    const isSettled = stamp === seen;
    seen = stamp;
    if (!isSettled || stamp === handled) continue;
    handled = stamp;
    try {
      const event = await turns.take(applyIfValid);
      if (event !== undefined) await report(event);
    } catch (error) {
      await report({ kind: 'failed', faults: [failure('configuration', error)] });
    }
  }
}

async function applyIfValid(): Promise<WatchEvent | undefined> {
  const { problems: mistakes, files } = await loadConfiguration();
  if (mistakes.length > 0) return { kind: 'mistakes', findings: await locate(mistakes, files) };
  // What the uplinks change is not a change of the configuration.
  await locked(() => undefined);
  const { changing: all, networks, wanted, problems, hostChanges } = await findDeltas([]);
  const changing = all.filter(({ added, removed }) => hostChanges || added.length + removed.length > 0);
  if (changing.length + networks.length === 0) return undefined;
  const applied = await applyDeltas(changing);
  const ofNetworks = await applyNetworks(networks, wanted);
  return {
    kind: 'applied',
    to: [
      ...changing.map(({ guest }) => `${guest.driver} guest ${quoted(guest.name)}`),
      ...networks.map(({ network }) => `network ${quoted(network)}`),
    ],
    findings: [...problems, ...ofNetworks, ...applied.flatMap((guest) => guest.problems)],
  };
}
