import { temporaryRules } from '../check/temporary-rules.ts';
import type { Check } from './check.ts';

/** What lasts for a while only: a rescue, and a change that nobody has confirmed. */
export const temporary: Check = () => temporaryRules();
