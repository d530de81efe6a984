import type { Address } from './address.ts';
import { percentEncoded } from './percent-encoding.ts';
import type { Vif } from './vif.ts';

/** libvirt's drivers that call hooks with a domain's XML; `libxl` covers all of Xen's guests, also those of `xl`. */
export const libvirtDrivers = ['qemu', 'lxc', 'libxl'] as const;
export type LibvirtDriver = (typeof libvirtDrivers)[number];

/** `local`: guests that no hypervisor reports, and that `guestgate guest up` or `guestgate netns add` declares. */
export const guestDrivers = [...libvirtDrivers, 'local'] as const;
export type GuestDriver = (typeof guestDrivers)[number];

/** A network interface of a guest, as far as the hypervisor's description tells. */
export interface Nic {
  /** In lower case, `52:54:00:aa:bb:01`. */
  readonly mac?: string;
  /** libvirt's network (`<source network=>`). */
  readonly network?: string;
  /** The UUID of libvirt's network port (`<source portid=>`); the hooks' XML has it from `start` on. */
  readonly portId?: string;
  /** The bridge on the host that the interface's tap is a port of. */
  readonly bridge?: string;
  /** The host's end (`vnet3`); known from `start` on, gone at `stopped`. */
  readonly tap?: string;
  /** libvirt's word for an interface whose packets no rule of the host's bridges sees: `user`, `direct`, `openvswitch`. */
  readonly unseen?: string;
  /** Addresses that the description itself gives (`<ip address=>`, nwfilter's `IP`). */
  readonly addresses: readonly Address[];
  /** Only for Xen's guests whose vif script calls guestgate. */
  readonly vif?: Vif;
}

export interface Guest {
  readonly driver: GuestDriver;
  /** As the administrator named it: any characters but newline and `/`. No parser gets it unencoded. */
  readonly name: string;
  readonly uuid?: string;
  /** The name that a Xen guest will have: while it arrives from another host, or from this one, a running guest has that name. */
  readonly arrivingAs?: string;
  /** Its own connections leave with an address of the host, unless its policy names one. Local guests only. */
  readonly nat?: true;
  readonly nics: readonly Nic[];
}

/** Who a guest is for guestgate: names are unique within a driver. */
export interface GuestId {
  readonly driver: GuestDriver;
  readonly name: string;
}

export function isGuestDriver(text: string): text is GuestDriver {
  return (guestDrivers as readonly string[]).includes(text);
}

/** The UUID in a domain XML, unparsed: libvirt writes it before any text that other programs can set. */
export function uuidIn(xml: string): string | undefined {
  return /<uuid>([\da-f-]{36})<\/uuid>/.exec(xml.slice(0, 1000))?.[1];
}

/**
 * Whether two descriptions are of one guest. Names are unique at a time only: a guest may be undefined and another one be
 * defined by its name. Without a UUID on both sides, the name decides.
 */
export function isSameGuest(a: Omit<Guest, 'nics'>, b: Omit<Guest, 'nics'>): boolean {
  const isOther = a.uuid !== undefined && b.uuid !== undefined && a.uuid !== b.uuid;
  return recordName(a) === recordName(b) && !isOther;
}

/** The name of a guest's record: unique, readable where the guest's name is, and safe as a file's name. */
export function recordName({ driver, name }: GuestId): string {
  if (/^[A-Za-z0-9_-]{1,120}$/.test(name)) return `${driver}-${name}`;
  const encoded = Array.from(Buffer.from(name, 'utf8'), (byte) => percentEncoded(byte, /[A-Za-z0-9_-]/)).join(
    '',
  );
  if (encoded.length <= 120) return `${driver}-${encoded}`;
  return `${driver}-${encoded.slice(0, 60)}~${digest(name)}`;
}

/** Loaded for the few names that are so long: it costs more than all else here. */
function digest(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

/** Whose record has that name, as far as names that were not cut can be read back. */
export function guestOf(name: string): GuestId {
  const driver = guestDrivers.find((candidate) => name.startsWith(`${candidate}-`)) ?? 'qemu';
  const encoded = name.slice(driver.length + 1);
  try {
    return { driver, name: decodeURIComponent(encoded) };
  } catch {
    return { driver, name: encoded };
  }
}
