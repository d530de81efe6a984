import type { GuestId, LibvirtDriver } from '../model/guest.ts';
import { metadataNamespace } from '../model/policy.ts';
import { CommandError, quoted, UserError } from '../model/problem.ts';
import { run } from '../system/run.ts';

/*
 * guestgate's element in a domain's XML, through virsh. For commands, never for hooks: libvirt waits for hooks,
 * and virsh for libvirt.
 */

/** The XML that a guest runs with, or the one that its next start will use. */
export type DomainState = 'live' | 'config';

/** How long virsh may take, in milliseconds: libvirtd may have to be started for it. */
const patience = 30_000;

const connections: Readonly<Record<LibvirtDriver, string>> = {
  qemu: 'qemu:///system',
  lxc: 'lxc:///system',
  libxl: 'xen:///system',
};

/** @returns undefined where the XML has no such element */
export function readDomainMetadata(guest: GuestId, uuid: string, state: DomainState): string | undefined {
  try {
    return virsh(guest, uuid, [`--${state}`], 'reading').trim();
  } catch (error) {
    // virsh ends with 1 for this as for all else (VIR_ERR_NO_DOMAIN_METADATA).
    if (error instanceof CommandError && error.failure.stderr.includes('metadata not found'))
      return undefined;
    throw error;
  }
}

/** @param text the element without its namespace: libvirt puts it in */
export function writeDomainMetadata(
  guest: GuestId,
  uuid: string,
  states: readonly DomainState[],
  text: string,
): void {
  const flags = states.map((state) => `--${state}`);
  virsh(guest, uuid, [...flags, '--key', 'gg', '--set', text], 'changing');
}

/** By UUID: a guest's name could look like an option. */
function virsh(guest: GuestId, uuid: string, args: readonly string[], doing: string): string {
  const { driver, name } = guest;
  if (driver === 'local')
    throw new UserError(`${doing} the metadata of guest ${quoted(name)}: libvirt does not know it`);
  const domain = ['metadata', '--domain', uuid, '--uri', metadataNamespace];
  return run(
    { program: 'virsh', args: ['-q', '-c', connections[driver], ...domain, ...args] },
    `${doing} the metadata of guest ${quoted(name)}`,
    patience,
  );
}
