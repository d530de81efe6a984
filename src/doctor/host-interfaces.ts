import { missingInterfaces } from '../desired/public-interfaces.ts';
import type { Check } from './check.ts';

/** Uplinks that are away. Where no interface of `[host]` exists, `check` has the finding among its problems, and doctor with it. */
export const hostInterfaces: Check = ({ host }) =>
  missingInterfaces(host).filter(({ severity }) => severity !== 'everything');
