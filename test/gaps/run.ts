import { writeFigures } from '../support/figures.ts';
import { commandEvents, programEvents } from '../support/host-events.ts';
import { HostSoftware } from '../support/host-software.ts';
import { until } from '../support/until.ts';
import { WatchedHost } from '../support/watched-host.ts';
import { measureChanges } from './changes.ts';
import { measureLibvirt } from './libvirt.ts';

/*
 * How long a forward gets no answer when other programs change the rules, without `guestgate watch` and with it: one new
 * connection every 5 ms. Prints the table of docs/explanation/coexistence.md, and with --write puts it there.
 * Run by: npm run gaps
 */

/** How long a program may still change things after it has said that it is done, in milliseconds. */
const aftermath = 1500;

interface Outcome {
  readonly open: boolean;
  readonly gap: number;
  readonly repairs: number;
}

async function measure(watched: boolean): Promise<Map<string, Outcome>> {
  const host = new WatchedHost(5);
  await host.begin();
  const software = new HostSoftware(host.lab);
  const outcomes = new Map<string, Outcome>();
  for (const { software: program, event, happen } of [...commandEvents, ...programEvents]) {
    await host.startAnew(watched);
    const said = host.journal().length;
    await happen(host.lab, software);
    await new Promise((resolve) => setTimeout(resolve, aftermath));
    if (watched) await until('all is as it should be', () => host.agrees());
    const { open, gap } = watched ? await host.probe.untilOpen() : await host.probe.look();
    outcomes.set(`${program} | ${event}`, { open, gap, repairs: host.journal().length - said });
  }
  await host.destroy();
  return outcomes;
}

const alone = await measure(false);
const watched = await measure(true);
const rows = [...watched].map(([what, { gap, repairs }]) => {
  const { open = false, gap: own = 0 } = alone.get(what) ?? {};
  return `| ${what} | ${open ? stays(own) : 'closed'} | ${stays(gap)}${repairs === 0 ? '' : ', repaired'} |`;
});
const [changesAlone, changesWatched] = [await measureChanges(false), await measureChanges(true)];
const ofChanges = [...changesAlone].map(
  ([what, gap]) => `| ${what} | ${stays(gap)} | ${stays(changesWatched.get(what) ?? 0)} |`,
);
const ofLibvirt = [...(await measureLibvirt())].map(
  ([event, gap]) => `| libvirt | ${event} | ${stays(gap)} | |`,
);
const table = [
  '| program | event | without `guestgate watch` | with `guestgate watch` |',
  '|---|---|---|---|',
  ...rows,
  ...ofChanges,
  ...ofLibvirt,
].join('\n');
console.log(table);
if (process.argv.includes('--write')) writeFigures('docs/explanation/coexistence.md', 'npm run gaps', table);

function stays(gap: number): string {
  return gap === 0 ? 'open' : `open, ${gap} ms without an answer`;
}
