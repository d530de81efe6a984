import { missingInterfaces } from '../desired/public-interfaces.ts';
import type { Check } from './check.ts';

/** `interface` in `[host]` closes what comes by any other interface, and a wrong name closes everything. */
export const hostInterfaces: Check = ({ host }) => missingInterfaces(host);
