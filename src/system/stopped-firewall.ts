import { readFileSync, statSync } from 'node:fs';
import type { Family } from '../model/address.ts';
import { readText } from './files.ts';

/** Where Shorewall writes its state: `Started`, `Stopped` or `Cleared`, and a time in parentheses. */
const stateFiles = {
  ip: ['/var/lib/shorewall/state', '/var/lib/shorewall-lite/state'],
  ip6: ['/var/lib/shorewall6/state', '/var/lib/shorewall6-lite/state'],
} as const;

/**
 * The firewall that the administrator stopped since the host booted, which left its safe state in a family: it admits what its
 * stoppedrules say, and nothing else (shorewall(8), "stop"). Whether the kernel still has that state is another question.
 *
 * @param chains the chains of its filter table, without the built-in ones
 */
export function stoppedFirewall(family: Family, chains: readonly string[]): 'Shorewall' | undefined {
  // Shorewall stops first and writes its state afterwards. Started, it has chains of its own.
  const isBare = chains.every((name) => /^(GUESTGATE-|LIBVIRT_|DOCKER|f2b-)/.test(name));
  const isStopped = (state: string) => /^Stopped\b/.test(state) || (isBare && /^(?!Cleared)\w/.test(state));
  const found = stateFiles[family].some(
    (file) => isStopped(readText(file) ?? '') && statSync(file).mtimeMs / 1000 > bootTime(),
  );
  return found ? 'Shorewall' : undefined;
}

/** In seconds since 1970 (proc_stat(5)). */
function bootTime(): number {
  return Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0);
}
