import { type Address, parseAddress } from '../model/address.ts';

export interface Lease {
  readonly mac: string;
  readonly address: Address;
  /** Seconds since 1970; undefined: it never ends. */
  readonly expires?: number;
}

/**
 * libvirt's lease file of a bridge (`/var/lib/libvirt/dnsmasq/<bridge>.status`): a JSON list that
 * libvirt_leaseshelper writes. It can be empty, and is read here while somebody may be writing it: what
 * cannot be read holds no leases.
 */
export function parseLeases(text: string): Lease[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(list) ? list.flatMap((entry) => parseLease(entry) ?? []) : [];
}

function parseLease(entry: unknown): Lease | undefined {
  const fields = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
  const [written, mac, expires] = [fields['ip-address'], fields['mac-address'], fields['expiry-time']];
  const address = typeof written === 'string' ? parseAddress(written) : undefined;
  if (address === undefined || typeof mac !== 'string') return undefined;
  return { mac: mac.toLowerCase(), address, ...(typeof expires === 'number' && expires > 0 && { expires }) };
}

/** dnsmasq's dhcp-hostsfile (`N.hostsfile`): `52:54:00:aa:bb:02,192.168.122.50,name`, IPv6 in brackets. */
export function parseHostsFile(text: string): { mac: string; address: Address }[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(',').map((field) => field.trim().replace(/^\[|\]$/g, ''));
    const mac = fields.find((field) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(field));
    const address = fields.map(parseAddress).find((parsed) => parsed !== undefined);
    return mac === undefined || address === undefined ? [] : [{ mac: mac.toLowerCase(), address }];
  });
}
