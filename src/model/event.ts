/** The programs that libvirt calls: one for each kind of object (https://libvirt.org/hooks.html). */
export const hookNames = ['qemu', 'lxc', 'libxl', 'network', 'daemon'] as const;
export type HookName = (typeof hookNames)[number];

/** What guestgate does when it is called as a hook; `hooks/` says which operation means which. */
export type Reaction =
  /** Checks policy, address and conflicts; refuses the guest where its policy says deny. */
  | 'inspect'
  /** Adds what restricts access, before the guest runs. */
  | 'restrict'
  /** The guest has just started: adds its forwards, asserts the head rules. */
  | 'open'
  /** As `open`, for a guest that has been running. */
  | 'reopen'
  /** Removes all that the guest's record holds. */
  | 'close'
  /** A network runs: adds its own elements, asserts the head rules. */
  | 'network-up'
  | 'network-down'
  /** An interface was attached to, or detached from, a guest that may be running. */
  | 'attach'
  | 'detach'
  /** Asserts the head rules. */
  | 'assert'
  /** As `assert`; also removes records of guests that have ended. */
  | 'tidy'
  /** As `tidy`; also applies the policies of running guests that have no record. */
  | 'catch-up'
  | 'nothing';

/** Which operation of a hook means which reaction. */
export type ReactionTable = Readonly<Record<string, Reaction>>;

/** A hook's four arguments: `object operation sub-operation extra`. */
export interface HookCall {
  readonly hook: HookName;
  readonly object: string;
  readonly operation: string;
}

export function isHookName(text: string): text is HookName {
  return (hookNames as readonly string[]).includes(text);
}

/** Reads an event's XML; called only if the reaction needs it. */
export type Document = () => Promise<string>;
