import { describe, expect } from 'vitest';
import { programEvents } from '../support/host-events.ts';
import { HostSoftware } from '../support/host-software.ts';
import { until } from '../support/until.ts';
import { watchedTest } from '../support/watched-test.ts';

/*
 * Real programs that make rules of their own, on one host and one after the other. None of them calls a hook; whatever
 * they do to the ruleset, new connections are answered again, and all is as `check` wants it.
 */

const { test, host } = watchedTest(10);
let software: HostSoftware;
test.beforeAll(() => {
  software = new HostSoftware(host.lab);
});

describe('answered again after', () => {
  test.each(programEvents.map(({ event, happen }) => [event, happen] as const))('%s', async (_, happen) => {
    await host.startAnew();
    await happen(host.lab, software);
    await host.probe.look('anew');
    expect(await host.probe.untilOpen()).toMatchObject({ open: true });
    await until('all is as it should be', () => host.agrees());
  });
});
