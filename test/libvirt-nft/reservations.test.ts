import { tellOfReservations } from '../libvirt/reservations.ts';
import { trixie } from '../support/libvirt-flavour.ts';

/** The same story with libvirt 11.3, whose rules are nftables' own. */
tellOfReservations(trixie);
