import { installed } from '../support/libvirt-flavour.ts';
import { tellOfSlowLifecycles } from './slow-lifecycles.ts';

tellOfSlowLifecycles(installed);
