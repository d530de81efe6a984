import { unreadFiles } from '../check/remarks.ts';
import type { Check } from './check.ts';

/** Files beside the configuration's that look like some of it. */
export const unreadConfiguration: Check = () => unreadFiles();
