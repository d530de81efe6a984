import { installed } from '../support/libvirt-flavour.ts';
import { tellOfNetworks } from './kinds-of-networks.ts';

tellOfNetworks(installed);
