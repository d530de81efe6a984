/** The events of a guest of Linux-VServer, in order: util-vserver runs the scripts of each (`scripts/EVENT`, `scripts/EVENT.d/`). */
export const vserverEvents = [
  'initialize',
  'prepre-start',
  'pre-start',
  'post-start',
  'pre-stop',
  'post-stop',
] as const;

/**
 * What the files of a guest of Linux-VServer say, each as text: `/etc/vservers/NAME/`, by util-vserver's names ("The content of the
 * /etc/vservers directory", `netns` since 0.30.216). Undefined: there is no such file.
 */
export interface VserverFiles {
  /** `context`: the number of the guest. */
  readonly context?: string;
  /** Whether there is a folder `netns`. */
  readonly hasNamespace: boolean;
  /** `netns/shared`: util-vserver neither makes nor removes the namespace. */
  readonly isShared: boolean;
  /** `netns/name`: the namespace's name, without it the guest's. */
  readonly namespace?: string;
  readonly interfaces: readonly VserverInterface[];
}

/** One folder in `interfaces`. */
export interface VserverInterface {
  /** The folder's name: `0`. */
  readonly folder: string;
  readonly ip?: string;
  readonly prefix?: string;
  readonly mask?: string;
  readonly dev?: string;
  readonly mac?: string;
  /** guestgate's own: util-vserver has no file for it. */
  readonly gateway?: string;
  /** util-vserver sets up nothing for it. */
  readonly isLeftAlone: boolean;
}
