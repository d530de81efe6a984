import type { Forward, Policy } from './policy.ts';

/* What happens on the host: plain data, so that a failing life can be made shorter event by event. */

/** What befalls the program as it enters a system call for the how manieth time. */
export interface Fault {
  readonly call: string;
  readonly when: number;
  /** In strace's words. */
  readonly what: (typeof faults)[number];
}

export const faults = ['signal=KILL', 'error=ENOSPC', 'error=EIO'] as const;

export const guestEvents = [
  'start',
  'stop',
  'stop, with a replay in between',
  'started again',
  'stopped twice',
  'restart',
  'reconnect',
  'change of a link',
  'a late port',
] as const;

export const hostEvents = [
  'network updated',
  'network restarted',
  'daemon start',
  'daemon reload',
  'daemon shutdown',
  'replay',
  'apply',
] as const;

/** What other programs do to the ruleset. */
export const foreignChanges = [
  'iptables -I FORWARD -j REJECT',
  'iptables -F FORWARD',
  'iptables -t nat -F',
  'iptables -t nat -I PREROUTING -j RETURN',
  'iptables -P FORWARD DROP',
  'nft flush ruleset',
  'nft delete table ip guestgate',
] as const;

/** How a program that makes rules breaks, until the stretch ends. */
export const breaks = [
  'fails',
  'fails once',
  'fails after its work',
  'ends its caller',
  'hangs once',
] as const;

export type GuestEvent = {
  readonly do: (typeof guestEvents)[number];
  readonly guest: number;
  readonly fault?: Fault | undefined;
};
export type HostEvent = { readonly do: (typeof hostEvents)[number]; readonly fault?: Fault | undefined };
export type SimpleEvent = GuestEvent | HostEvent;

export type Event =
  | SimpleEvent
  /** `held`: another process has the lock until all of them wait. */
  | { readonly do: 'together'; readonly held: boolean; readonly events: readonly SimpleEvent[] }
  | { readonly do: 'write the file'; readonly guest: number; readonly policy: Policy | undefined }
  | { readonly do: 'define the metadata'; readonly guest: number; readonly policy: Policy | undefined }
  | { readonly do: 'change live metadata'; readonly guest: number; readonly policy: Policy | undefined }
  | { readonly do: 'publish'; readonly guest: number; readonly forward: Forward }
  | { readonly do: 'unpublish'; readonly guest: number; readonly which: number }
  | { readonly do: 'lease'; readonly guest: number; readonly choice: number | undefined }
  | { readonly do: 'switch the back end' }
  | { readonly do: 'lose the state' }
  | { readonly do: 'foreign'; readonly change: (typeof foreignChanges)[number] }
  | { readonly do: 'break'; readonly how: (typeof breaks)[number] };

/** How a guest's address is known. */
export const addressKinds = ['fixed', 'reserved', 'leased'] as const;

export interface GuestSetup {
  readonly kind: (typeof addressKinds)[number];
  readonly file: Policy | undefined;
  readonly metadata: Policy | undefined;
}

/** Events, and what makes rules and records agree again. */
export interface Stretch {
  readonly events: readonly Event[];
  readonly close: HostEvent['do'];
}

export interface Life {
  readonly guests: readonly GuestSetup[];
  readonly stretches: readonly Stretch[];
}
