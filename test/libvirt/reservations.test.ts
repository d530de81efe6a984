import { installed } from '../support/libvirt-flavour.ts';
import { tellOfReservations } from './reservations.ts';

tellOfReservations(installed);
