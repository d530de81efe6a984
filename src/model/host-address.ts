import { type Address, type Family, familyOf } from './address.ts';

/**
 * Where on the host: at one address, or at any address that the host has in a family. `any` means IPv4: the two
 * families have separate ports, so IPv6 has its own word.
 */
export type HostAddress = Address | AnyAddress;
export type AnyAddress = 'any' | 'any6';

export function anyAddress(family: Family): AnyAddress {
  return family === 'ip' ? 'any' : 'any6';
}

export function isAny(host: HostAddress): host is AnyAddress {
  return host === 'any' || host === 'any6';
}

export function familyOfHost(host: HostAddress): Family {
  if (isAny(host)) return host === 'any' ? 'ip' : 'ip6';
  return familyOf(host);
}

/** Whether a policy's address means whichever was asked for: in both families (`any`), or in one. */
export function isEverywhere(host: string): host is 'any' | '0.0.0.0' | '::' {
  return host === 'any' || host === '0.0.0.0' || host === '::';
}

/** As a person reads it, and as it is written before a port: `*`, `203.0.113.10`, `[::]`, `[2001:db8::1]`. */
export function formatHost(host: HostAddress): string {
  if (isAny(host)) return host === 'any' ? '*' : '[::]';
  return familyOf(host) === 'ip' ? host : `[${host}]`;
}

/** Where the host reaches itself. */
export const loopbackAddress = '127.0.0.1';
