import { Lab, type LabGuest } from './lab.ts';

/** What most labs begin with: a host with two guests, `web` and `other`, of which none is started. */
export interface TwoGuests {
  readonly lab: Lab;
  readonly web: LabGuest;
  readonly other: LabGuest;
}

/** @param forwarding what becomes of packets that nobody says anything of: with DROP, only what we accept gets through */
export async function twoGuests(forwarding: 'ACCEPT' | 'DROP'): Promise<TwoGuests> {
  const lab = await Lab.create();
  const guests = { lab, web: lab.addGuest('web'), other: lab.addGuest('other') };
  if (forwarding === 'DROP') lab.host.sh('iptables -P FORWARD DROP');
  return guests;
}
