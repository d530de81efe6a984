import { tellOfSlowLifecycles } from '../libvirt/slow-lifecycles.ts';
import { trixie } from '../support/libvirt-flavour.ts';

/** The same with libvirt 11.3. */
tellOfSlowLifecycles(trixie);
