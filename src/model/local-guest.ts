import { isGuest } from './element-shape.ts';
import type { Guest } from './guest.ts';
import { isCount, isObject, isOneOf, isText } from './shape.ts';

/** Who declared a local guest: `guestgate guest up`, `guestgate netns add`, a hook of LXC's, or a script of Linux-VServer's. */
export const localKinds = ['guest', 'netns', 'lxc', 'vserver'] as const;
export type LocalKind = (typeof localKinds)[number];

/**
 * What a local guest runs on. While all of it is there, the guest runs; without any, it runs until it is reported as down or the
 * host reboots.
 */
export interface Witness {
  /** The file of a network namespace (ip-netns(8)), and the number of its inode: another namespace of that name has another one. */
  readonly namespace?: { readonly path: string; readonly inode: number };
  /** An interface of the host. */
  readonly interface?: string;
  /** A process, and when it started, in clock ticks after boot (proc(5), field 22 of /proc/PID/stat): PIDs are used again. */
  readonly process?: { readonly pid: number; readonly started: number };
}

/** A guest that no hypervisor reports, as its file in the state folder has it. */
export interface LocalGuest {
  readonly kind: LocalKind;
  readonly guest: Guest & { readonly driver: 'local' };
  readonly witness: Witness;
  /** Of a guest of Linux-VServer: its number, after which its devices are named. */
  readonly context?: number;
}

const isWitness = isObject({
  'namespace?': isObject({ path: isText, inode: isCount }),
  'interface?': isText,
  'process?': isObject({ pid: isCount, started: isCount }),
});

/** Whether a value that was parsed from JSON is a local guest. */
export const isLocalGuest = (value: unknown): boolean =>
  isObject({ kind: isOneOf(...localKinds), guest: isGuest, witness: isWitness, 'context?': isCount })(
    value,
  ) && (value as LocalGuest).guest.driver === 'local';

/**
 * Why a guest cannot have this name; undefined if it can. As libvirt's names: no slash, no control characters. The reasons for the
 * limit are file names and log lines: 200 characters.
 */
export function objectionToName(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > 200) return 'it has more than 200 characters';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  return /[/\u0000-\u001f\u007f]/.test(name) ? 'it holds a slash or a control character' : undefined;
}
