import { tellOfRunningGuests } from '../libvirt/running-guests.ts';
import { trixie } from '../support/libvirt-flavour.ts';

/** The same story with libvirt 11.3, whose rules are nftables' own: no iptables is in it. */
tellOfRunningGuests(trixie);
