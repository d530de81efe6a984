import fc from 'fast-check';
import { claimsOf, conflict, overlap } from './claims.ts';
import type { Confinement } from './confinement.ts';
import {
  addressKinds,
  breaks,
  type Event,
  type Fault,
  foreignChanges,
  type GuestSetup,
  guestEvents,
  hostEvents,
  type Life,
  type SimpleEvent,
} from './event.ts';
import { firstPort, hostAddresses, networks, plainAddress, portCount, wholeAddresses } from './points.ts';
import { type Forward, noPolicy, type OpenPorts, type Policy, protocols } from './policy.ts';

/* Random lives of a host. fast-check makes a failing one shorter. */

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const list = fc.uniqueArray(fc.constantFrom(...networks), { maxLength: 2 });

const ports = fc
  .record({
    protocol: fc.constantFrom(...protocols),
    first: fc.integer({ min: firstPort, max: firstPort + portCount - 1 }),
    more: fc.constantFrom(0, 0, 0, 1, 2),
  })
  .map(({ protocol, first, more }) => ({ protocol, first, last: first + more }));

const forward: fc.Arbitrary<Forward> = fc
  .tuple(ports, maybe(fc.constantFrom(...hostAddresses)), fc.constantFrom(0, 80, 443, 8003), maybe(list))
  .map(([range, host, to, from]) => ({ ...range, host, to: to === 0 ? range.first : to, from }));

const open: fc.Arbitrary<OpenPorts> = fc
  .tuple(ports, maybe(list))
  .map(([range, from]) => ({ ...range, from }));

const confinement: fc.Arbitrary<Confinement> = fc.oneof(
  fc.record({ kind: fc.constantFrom('antispoof', 'host') }),
  fc.record({ kind: fc.constant('inbound'), egress: fc.array(ports, { maxLength: 2 }) }),
);

/** A guest's own forwards do not contradict each other: that would be a mistake in its policy. */
export const policy: fc.Arbitrary<Policy> = fc
  .record({
    forward: fc.array(forward, { maxLength: 4 }),
    open: fc.array(open, { maxLength: 2 }),
    publicAddress: fc.option(fc.constantFrom(...wholeAddresses), { nil: undefined, freq: 3 }),
    absent: fc.constantFrom('drop', 'host'),
    snat: fc.option(fc.constant(plainAddress), { nil: undefined, freq: 3 }),
    allowFrom: maybe(list),
    denyFrom: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, { arbitrary: list, weight: 1 }),
    confinement: maybe(confinement),
  })
  .map((wanted) => ({
    ...wanted,
    forward: wanted.forward.filter((one, at) => {
      const [claim] = claimsOf('', { ...noPolicy, forward: [one] });
      const before = claimsOf('', { ...noPolicy, forward: wanted.forward.slice(0, at) });
      return claim !== undefined && !before.some((other) => conflict(claim, other));
    }),
    open: wanted.open.filter((one, at) => !wanted.open.slice(0, at).some((other) => overlap(one, other))),
  }));

const when = fc.integer({ min: 1, max: 60 });
const fault = fc.option(
  fc.oneof(
    fc.record({
      call: fc.constantFrom(
        'rename',
        'unlink',
        'vfork',
        'openat',
        'write',
        'fcntl',
        'flock',
        'read',
        'close',
      ),
      when,
      what: fc.constant('signal=KILL' as const),
    }),
    fc.record({
      call: fc.constantFrom('rename', 'write', 'openat'),
      when,
      what: fc.constantFrom('error=ENOSPC', 'error=EIO'),
    }),
  ),
  { nil: undefined, freq: 7 },
);

export function lifeOf(guestCount: number, eventCount: number): fc.Arbitrary<Life> {
  const guest = fc.nat(guestCount - 1);
  const simpleEvent = (mishap: fc.Arbitrary<Fault | undefined>): fc.Arbitrary<SimpleEvent> =>
    fc.oneof(
      {
        arbitrary: fc.record({
          do: fc.constantFrom(...guestEvents, 'start', 'start', 'restart'),
          guest,
          fault: mishap,
        }),
        weight: 4,
      },
      { arbitrary: fc.record({ do: fc.constantFrom(...hostEvents), fault: mishap }), weight: 1 },
    );
  const simple = simpleEvent(fault);
  /** Nothing goes wrong: each event by itself does what it has to, and no replay hides it. */
  const calm: fc.Arbitrary<Event> = fc.oneof(
    {
      arbitrary: fc.record({ do: fc.constantFrom('start', 'stop', 'restart', 'reconnect'), guest }),
      weight: 5,
    },
    { arbitrary: fc.record({ do: fc.constant('publish' as const), guest, forward }), weight: 1 },
  );
  const event: fc.Arbitrary<Event> = fc.oneof(
    { arbitrary: simple, weight: 12 },
    {
      arbitrary: fc.record({
        do: fc.constant('together' as const),
        held: fc.boolean(),
        events: fc.array(simple, { minLength: 2, maxLength: 5 }),
      }),
      weight: 2,
    },
    {
      arbitrary: fc.record({
        do: fc.constantFrom('write the file', 'define the metadata', 'change live metadata'),
        guest,
        policy: maybe(policy),
      }),
      weight: 2,
    },
    { arbitrary: fc.record({ do: fc.constant('publish' as const), guest, forward }), weight: 1 },
    {
      arbitrary: fc.record({ do: fc.constant('unpublish' as const), guest, which: fc.nat(3) }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        do: fc.constant('lease' as const),
        guest,
        choice: fc.constantFrom(0, 1, undefined),
      }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        do: fc.constant('foreign' as const),
        change: fc.constantFrom(...foreignChanges),
      }),
      weight: 2,
    },
    {
      arbitrary: fc.record({ do: fc.constant('break' as const), how: fc.constantFrom(...breaks) }),
      weight: 1,
    },
    {
      arbitrary: fc.record({ do: fc.constantFrom('switch the back end', 'lose the state') }),
      weight: 1,
    },
  );
  const setup: fc.Arbitrary<GuestSetup> = fc.record({
    kind: fc.constantFrom(...addressKinds),
    file: fc.option(policy, { nil: undefined, freq: 3 }),
    metadata: fc.option(policy, { nil: undefined, freq: 1 }),
  });
  const stretch = fc.oneof(
    fc.record({
      events: fc.array(event, { minLength: 1, maxLength: 6, size: 'max' }),
      close: fc.constantFrom(...hostEvents),
    }),
    fc.record({
      events: fc.array(calm, { minLength: 1, maxLength: 6, size: 'max' }),
      close: fc.constantFrom('network updated', 'daemon shutdown', 'daemon reload'),
    }),
  );
  const stretches = Math.max(1, Math.round(eventCount / 4));
  return fc.noBias(
    fc.record({
      guests: fc.array(setup, { minLength: guestCount, maxLength: guestCount }),
      stretches: fc.array(stretch, { minLength: 1, maxLength: stretches, size: 'max' }),
    }),
  );
}
