import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programEvents } from '../support/host-events.ts';
import { HostSoftware } from '../support/host-software.ts';
import { until } from '../support/until.ts';
import { WatchedHost } from '../support/watched-host.ts';

/*
 * Real programs that make rules of their own, on one host and one after the other. None of them calls a hook; whatever
 * they do to the ruleset, new connections are answered again, and all is as `check` wants it.
 */

let host: WatchedHost;
let software: HostSoftware;
beforeAll(async () => {
  host = await WatchedHost.create(10);
  software = new HostSoftware(host.lab);
}, 240_000);
afterAll(() => host?.destroy());

describe('answered again after', () => {
  test.each(programEvents.map(({ event, happen }) => [event, happen] as const))('%s', async (_, happen) => {
    await host.startAnew();
    await happen(host.lab, software);
    await host.probe.look('anew');
    expect(await host.probe.untilOpen()).toMatchObject({ open: true });
    await until('all is as it should be', () => host.agrees());
  });
});
