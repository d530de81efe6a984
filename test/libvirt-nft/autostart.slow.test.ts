import { tellOfAutostart } from '../libvirt/autostart.ts';
import { trixie } from '../support/libvirt-flavour.ts';

tellOfAutostart(trixie);
