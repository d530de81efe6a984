import { expect } from 'vitest';
import { client } from '../support/lab.ts';
import type { LibvirtHost } from '../support/libvirt-host.ts';
import { until } from '../support/until.ts';

/** Guests by the port of the host that they are reached at. */
export type Open = Readonly<Record<number, string>>;

/** All is as it should be: guests reachable, our accept above libvirt's REJECT, nothing failed on the way. */
export async function expectOpen(host: LibvirtHost, open: Open): Promise<void> {
  expectHeadRuleFirst(host);
  for (const [port, name] of Object.entries(open)) {
    await until(`${name} answers at port ${port}`, () => isOpen(host, Number(port), name));
  }
  expectHeadRuleFirst(host);
  expect(host.guestgate('check')).toMatchObject({
    status: 0,
    stdout: 'Configuration, running guests and kernel agree.\n',
  });
  // A conflict between two policies is the administrator's, and no failure.
  const failures = host.journal().filter(({ severity, message }) => severity < 6 && !isConflict(message));
  expect(failures).toEqual([]);
}

function isConflict(message: string): boolean {
  return (
    /is taken by|is left out: a file has it/.test(message) || /^applied to [\w", ]+: 1 problem$/.test(message)
  );
}

/** The guest answers, and sees the client's own address. */
export function isOpen(host: LibvirtHost, port: number, name: string): boolean {
  const answer = host.fetch(port);
  return answer.startsWith(`hello from ${name}, you are `) && answer.includes(client);
}

export function expectHeadRuleFirst(host: LibvirtHost): void {
  expect(host.forwardRules()).toEqual(host.wantedForwardRules());
}

/** Nothing of ours is left for a guest: it is refused, unknown, and its address stands in no rule. */
export function expectClosed(host: LibvirtHost, port: number, name: string, address: string): void {
  expect(host.fetch(port)).toContain('Connection refused');
  expect(host.openGuests().map(({ guest }) => guest.name)).not.toContain(name);
  expect(host.ruleset()).not.toContain(address);
  expect(host.guestgate('check').status).toBe(0);
}
