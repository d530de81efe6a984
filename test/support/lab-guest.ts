/** A guest of a lab: plain data, known before the lab starts. */
export interface LabGuest {
  readonly name: string;
  readonly address: string;
  /** The guest has it in a lab with IPv6. */
  readonly address6: string;
  readonly mac: string;
  readonly tap: string;
  readonly uuid: string;
  /** Interfaces on network "dmz", see `withNic`. */
  readonly nics?: readonly GuestNic[];
}

export interface GuestNic {
  readonly mac: string;
  readonly tap: string;
  readonly address: string;
}

/** @param number the how manieth guest of its lab it is, from 1 */
export function labGuest(name: string, number: number): LabGuest {
  return {
    name,
    address: `192.168.122.${40 + number}`,
    address6: `fd00:122::${40 + number}`,
    mac: `52:54:00:aa:bb:${String(number).padStart(2, '0')}`,
    tap: `vnet${number}`,
    uuid: `11111111-2222-3333-4444-${String(number).padStart(12, '0')}`,
  };
}

/** The namespace that is the guest. */
export function spaceOf({ tap }: LabGuest): string {
  return tap.replace('vnet', 'guest');
}

/** The guest with another interface, on network "dmz" (virbr1, 192.168.150.0/24), where its address is reserved. */
export function withNic(guest: LabGuest): LabGuest {
  const nic = {
    mac: guest.mac.replace('aa:bb', 'cc:dd'),
    tap: `${guest.tap}d`,
    address: guest.address.replace('192.168.122.', '192.168.150.'),
  };
  return { ...guest, nics: [...(guest.nics ?? []), nic] };
}
