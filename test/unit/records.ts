import type { DesiredState } from '../../src/desired/desired-state.ts';
import type { ForwardElement } from '../../src/model/element.ts';
import type { Guest } from '../../src/model/guest.ts';
import type { GuestRecord } from '../../src/state/records.ts';

/* The guests, elements and records that tables of cases are made of: each names what is special about it alone. */

export function guestNamed(name: string): Guest {
  return { driver: 'qemu', name, nics: [] };
}

/** `*:PORT/tcp -> 192.168.122.41:80`. */
export function forwardOf(port: number, more: Partial<ForwardElement> = {}): ForwardElement {
  const ports = { first: port, last: port };
  return { kind: 'forward', host: 'any', protocol: 'tcp', ports, guest: '192.168.122.41', to: 80, ...more };
}

export function recordOf(name: string, more: Partial<GuestRecord> = {}): GuestRecord {
  return {
    guest: guestNamed(name),
    elements: [],
    generation: 7,
    problems: [],
    hairpinPorts: [],
    since: '2026-01-01T00:00:00.000Z',
    ...more,
  };
}

export function desiredOf(name: string, more: Partial<DesiredState> = {}): DesiredState {
  return {
    guest: guestNamed(name),
    managed: true,
    deny: false,
    certain: true,
    elements: [],
    networks: {},
    problems: [],
    unknown: [],
    ...more,
  };
}
