import { describe, expect } from 'vitest';
import { type Place, whileDelayed } from '../support/delayed.ts';
import type { LabGuest } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { networkHookXml } from '../support/lab-xml.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * Invariant 11: plans that come too late lose. A process makes its plan, and is held up before it gets the lock, or when it
 * has it; meanwhile the guest stops, starts again or loses an interface. What happened last is what counts.
 */

const { test, lab } = labTest();
const names = {
  guest: (actor: string, event: string, place: Place) => `${actor} ${event} ${place}`.replaceAll(' ', '-'),
};
const actors = ['apply', 'publish', 'unpublish', 'replay', 'attach', 'reconnect'] as const;
const events = ['stopped', 'end', 'restart', 'rename'] as const;
const delays: readonly Place[] = ['before the lock', 'with the lock'];
type Actor = (typeof actors)[number];
type Event = (typeof events)[number];

const cases = actors.flatMap((actor) =>
  events.flatMap((event) => delays.map((place) => ({ actor, event, place }))),
);
const guests = new Map<string, LabGuest & { readonly port: number }>();

test.beforeAll(() => {
  for (const [index, { actor, event, place }] of cases.entries()) {
    const name = names.guest(actor, event, place);
    const number = String(index + 1).padStart(2, '0');
    guests.set(name, {
      name,
      address: `192.168.122.${100 + index}`,
      address6: '',
      mac: `52:54:00:aa:bc:${number}`,
      tap: `vnet1${number}`,
      uuid: `11111111-2222-3333-4444-0000000001${number}`,
      port: 21_000 + 10 * index,
    });
  }
  lab.host.sh('mkdir -p /etc/guestgate/guests.d');
  for (const guest of guests.values()) {
    configure(guest, 0);
    lab.hook(guest, 'started');
  }
});

type Guest = LabGuest & { readonly port: number };

/** By UUID: a guest that is renamed keeps its policy. @param more the port that is open, counted from the guest's own */
function configure(guest: Guest, more: number): void {
  lab.host.write(
    `/etc/guestgate/guests.d/${guest.name}.toml`,
    `[guest.${guest.uuid}]\naddress = "${guest.address}"\nforward = ["${guest.port + more}:80"]\n`,
  );
}

/** Which of a guest's ten ports lead to it. */
function openPorts({ port }: Guest): number[] {
  const ports = [...lab.ruleset().matchAll(/tcp \. (\d+)/g)].map(([, found]) => Number(found));
  return [...new Set(ports)].filter((one) => one >= port && one < port + 10).map((one) => one - port);
}

/** What each actor is about to do, and for what it has to make a plan of its own. */
function callOf(actor: Actor, guest: Guest): { command: string[]; input?: string } {
  const program = '/usr/bin/guestgate';
  switch (actor) {
    case 'apply':
    case 'replay':
      configure(guest, 1);
      return { command: [program, actor, guest.name] };
    case 'publish':
      return { command: [program, 'publish', guest.uuid, `${guest.port + 1}:81`] };
    case 'unpublish':
      configure(guest, 1);
      return { command: [program, 'unpublish', guest.uuid, `${guest.port + 1}:80`] };
    case 'attach':
      configure(guest, 1);
      return {
        command: ['/etc/libvirt/hooks/network', 'default', 'port-created', 'begin', '-'],
        input: networkHookXml({ guest, mac: guest.mac.replace('aa:bc', 'dd:dd') }),
      };
    case 'reconnect':
      configure(guest, 1);
      return {
        command: ['/etc/libvirt/hooks/qemu', guest.name, 'reconnect', 'begin', '-'],
        input: lab.xml(guest, 'reconnect'),
      };
  }
}

const aside = async (guest: LabGuest, ...operations: readonly string[]) => {
  for (const operation of operations) await lab.hookAside(guest, operation);
};

async function happen(event: Event, guest: Guest): Promise<void> {
  const renamed = { ...guest, name: `${guest.name}-renamed` };
  switch (event) {
    case 'stopped':
      return aside(guest, 'stopped');
    case 'end':
      return aside(guest, 'stopped', 'release');
    case 'restart':
      await aside(guest, 'stopped', 'release');
      return aside(guest, 'prepare', 'start', 'started');
    case 'rename':
      await aside(guest, 'stopped', 'release');
      return aside(renamed, 'prepare', 'start', 'started');
  }
}

describe.each(delays)('held up %s', (place) => {
  describe.each(someOf(events, 4))('a guest: %s', (event) => {
    test.concurrent.each(actors)('%s', async (actor) => {
      const guest = guests.get(names.guest(actor, event, place)) as Guest;
      const { command, ...input } = callOf(actor, guest);
      await whileDelayed(lab, command, () => happen(event, guest), { place, ...input });
      const open = openPorts(guest);
      if (event === 'stopped' || event === 'end') expect(open).toEqual([]);
      // Whichever read the configuration last: one record, and no port twice.
      else expect(open.length).toBeGreaterThanOrEqual(actor === 'unpublish' ? 0 : 1);
      if (event === 'restart' && (actor === 'apply' || actor === 'replay')) expect(open).toEqual([1]);
    });
  });
});

test('in the end records and kernel agree', () => {
  for (const { actor, place } of cases.filter(({ event }) => event === 'stopped'))
    lab.hook(guests.get(names.guest(actor, 'stopped', place)) as Guest, 'release');
  expect(lab.guestgate('check').stdout).toMatch(/^Configuration, running guests and kernel agree\.\n/);
});
