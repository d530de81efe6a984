import { installed } from '../support/libvirt-flavour.ts';
import { tellOfLifecycles } from './lifecycles.ts';

tellOfLifecycles(installed);
