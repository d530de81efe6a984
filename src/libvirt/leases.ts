import { type Address, parseAddress } from '../model/address.ts';
import { macOfDuid } from './duid.ts';

export interface Lease {
  readonly mac: string;
  readonly address: Address;
  /** Seconds since 1970; undefined: it never ends. */
  readonly expires?: number;
  /**
   * The identifier that the client asked with (RFC 2132, 9.14), in DHCPv6 with the number of its request: dnsmasq gives each client
   * of an interface its own lease.
   */
  readonly client?: string;
}

/**
 * libvirt's lease file of a bridge (`/var/lib/libvirt/dnsmasq/<bridge>.status`): a JSON list that
 * libvirt_leaseshelper writes; or the file of a dnsmasq that is not libvirt's. It can be empty, or half written: text that
 * cannot be parsed holds no leases.
 */
export function parseLeases(text: string): Lease[] {
  if (/^\d/.test(text)) return parseHostLeases(text);
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(list) ? list.flatMap((entry) => parseLease(entry) ?? []) : [];
}

/** dnsmasq's own file: `EXPIRY MAC ADDRESS NAME CLIENT-ID` a line; an expiry of 0 is never. */
function parseHostLeases(text: string): Lease[] {
  return text.split('\n').flatMap((line) => {
    const [, expiry, mac = '', written = '', client] =
      /^(\d+) ([\da-f:]{17}) (\S+) (?:\S+ ([\da-f:]+)$)?/i.exec(line) ?? [];
    const address = parseAddress(written);
    if (address === undefined) return [];
    const expires = Number(expiry);
    return { mac: mac.toLowerCase(), address, ...(expires > 0 && { expires }), ...identified(client) };
  });
}

function parseLease(entry: unknown): Lease | undefined {
  const fields = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
  const [written, expires] = [fields['ip-address'], fields['expiry-time']];
  const address = typeof written === 'string' ? parseAddress(written) : undefined;
  const mac = fields['mac-address'] ?? macOfClient(fields['client-id']);
  if (address === undefined || typeof mac !== 'string') return undefined;
  return {
    mac: mac.toLowerCase(),
    address,
    ...(typeof expires === 'number' && expires > 0 && { expires }),
    ...identified(fields['client-id'], fields['iaid']),
  };
}

/** @param iaid in DHCPv6, the number of a request: a client has a lease for each (RFC 8415, 12). */
function identified(client: unknown, iaid?: unknown): Pick<Lease, 'client'> {
  if (typeof client !== 'string') return {};
  const number = typeof iaid === 'string' ? `/${iaid}` : '';
  return { client: `${client.toLowerCase()}${number}` };
}

/** In DHCPv6 dnsmasq does not always know the interface: the client's identifier mostly holds it. */
function macOfClient(identifier: unknown): string | undefined {
  return typeof identifier === 'string' ? macOfDuid(identifier) : undefined;
}

/** Who an address is reserved for: an interface, by its MAC address, or else a guest, by the name that it asks with. */
export interface HostEntry {
  readonly mac?: string;
  readonly name?: string;
  readonly address: Address;
}

/**
 * dnsmasq's dhcp-hostsfile (`N.hostsfile`), as libvirt writes it: `52:54:00:aa:bb:02,192.168.122.50,name` or
 * `name,192.168.122.50`; for IPv6 `id:0:3:0:1:52:54:0:aa:bb:2,name,[2001:db8::50]`, and each of the two may be missing.
 */
export function parseHostsFile(text: string): HostEntry[] {
  return text
    .split('\n')
    .flatMap((line) => parseHostLine(line.split(',').map((field) => field.trim())) ?? []);
}

function parseHostLine(fields: readonly string[]): HostEntry | undefined {
  let mac: string | undefined;
  let name: string | undefined;
  let address: Address | undefined;
  for (const field of fields) {
    const parsed = parseAddress(field.replace(/^\[(.*)\]$/, '$1'));
    if (parsed !== undefined) address ??= parsed;
    else if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(field)) mac ??= field.toLowerCase();
    else if (field.startsWith('id:')) mac ??= macOfDuid(field.slice('id:'.length));
    else if (!/^(|\d+[smhdw]?|infinite|ignore|\w+:.*)$/.test(field)) name ??= field;
  }
  if (address === undefined || (mac === undefined && name === undefined)) return undefined;
  return { ...(mac !== undefined && { mac }), ...(name !== undefined && { name }), address };
}
