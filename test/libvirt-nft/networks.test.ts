import { tellOfNetworks } from '../libvirt/kinds-of-networks.ts';
import { trixie } from '../support/libvirt-flavour.ts';

tellOfNetworks(trixie);
