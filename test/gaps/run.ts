import { commandEvents, programEvents } from '../support/host-events.ts';
import { HostSoftware } from '../support/host-software.ts';
import { until } from '../support/until.ts';
import { WatchedHost } from '../support/watched-host.ts';

/*
 * How long new connections go unanswered at each of the things that happen on a host: with `guestgate watch`, measured by
 * one connection every 5 ms. Prints a table in Markdown. Run by: npm run gaps
 */

/** How long a program may still change things after it has said that it is done, in milliseconds. */
const aftermath = 1500;

const host = await WatchedHost.create(5);
const software = new HostSoftware(host.lab);
console.log('| program | event | longest gap, ms | put back by the watcher |\n|---|---|---|---|');
for (const { software: program, event, happen } of [...commandEvents, ...programEvents]) {
  await host.startAnew();
  const said = host.journal().length;
  await happen(host.lab, software);
  await new Promise((resolve) => setTimeout(resolve, aftermath));
  await until('all is as it should be', () => host.agrees());
  const { gap } = await host.probe.untilOpen();
  const repairs = host.journal().length - said;
  console.log(`| ${program} | ${event} | ${gap} | ${repairs === 0 ? 'nothing' : `${repairs} times`} |`);
}
await host.destroy();
