import { installed } from '../support/libvirt-flavour.ts';
import { tellOfAutostart } from './autostart.ts';

tellOfAutostart(installed);
