import type { LimitElement } from '../../model/limit-element.ts';
import { digest } from './digest.ts';

/**
 * What is beyond a limit, as matches. A rate is one bucket for all sources (hashlimit without a mode), which starts
 * full; connections are counted by source address (connlimit). The name holds all that the rate is: the kernel
 * keeps the bucket of a name as it was made first, as long as any rule names it.
 *
 * @param width of an address, in bits
 */
export function beyond(element: LimitElement, width: 32 | 128): string {
  if (element.kind === 'connection-limit')
    return `-m connlimit --connlimit-above ${element.connections} --connlimit-mask ${width} --connlimit-saddr`;
  const { connections, per } = element.rate;
  // Older kernels keep 15 characters of the name.
  const name = `gg${digest(JSON.stringify(element), 13)}`;
  return `-m hashlimit --hashlimit-above ${connections}/${per} --hashlimit-burst ${connections} --hashlimit-name ${name}`;
}
