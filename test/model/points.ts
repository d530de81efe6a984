import { publicAddress, secondAddress, thirdAddress } from '../support/lab-links.ts';
import type { Points } from './expected.ts';

/* The few addresses and ports that all policies are about, so that guests get in each other's way. */

/** No guest gets it as a whole: the host leaves with it. */
export const plainAddress = publicAddress;
export const wholeAddresses = [secondAddress, thirdAddress] as const;
export const hostAddresses = [plainAddress, ...wholeAddresses] as const;
export const firstPort = 8000;
export const portCount = 10;
export const sources = ['local', '198.51.100.2', '198.51.100.3', '10.9.9.9'] as const;
export const networks = ['198.51.100.0/24', '198.51.100.2', '198.51.100.2/31', '10.0.0.0/8'] as const;
/** No policy forwards it: what leads there leads to a whole address. */
export const unforwardedPort = 7;

const ports = [unforwardedPort, 80, ...Array.from({ length: portCount + 3 }, (_, at) => firstPort + at)];

export function pointsFor(guests: Points['guests']): Points {
  return { hosts: hostAddresses, ports, sources, guests };
}
