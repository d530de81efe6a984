import { installed } from '../support/libvirt-flavour.ts';
import { tellOfRunningGuests } from './running-guests.ts';

tellOfRunningGuests(installed);
