/** The programs that libvirt calls: one for each kind of object (https://libvirt.org/hooks.html). */
export const hookNames = ['qemu', 'lxc', 'libxl', 'network', 'daemon'] as const;
export type HookName = (typeof hookNames)[number];

/** What guestgate does when it is called as a hook; `hooks/` says which operation means which. */
export type Reaction =
  /** Policy, address and conflicts are looked at; refuses the guest where its policy says deny. */
  | 'inspect'
  /** What restricts access is put in place before the guest runs. */
  | 'restrict'
  /** The guest's forwards are put in place, the anchors asserted. */
  | 'open'
  /** All that the guest's record holds is removed. */
  | 'close'
  /** A network runs: its own elements are put in place, the anchors asserted. */
  | 'network-up'
  | 'network-down'
  /** An interface was plugged into, or pulled from, a guest that may be running. */
  | 'attach'
  | 'detach'
  /** The anchors are asserted. */
  | 'assert'
  /** As `assert`; records of guests that are gone are dropped. */
  | 'tidy'
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
