import { quoted } from '../model/problem.ts';
import type { Origin } from './origins.ts';
import type { Target } from './targets.ts';

/** How many forwards a sentence names. */
const shown = 3;

/** `0.0.0.0:8080/tcp of guest "web" and 4 more`. */
export function describeTargets(targets: readonly Target[]): string {
  const named = new Map<string, string[]>();
  for (const { guest, name } of targets.slice(0, shown))
    named.set(guest.name, [...(named.get(guest.name) ?? []), name]);
  const parts = [...named].map(([guest, names]) => `${names.join(', ')} of guest ${quoted(guest)}`);
  const more = targets.length > shown ? ` and ${targets.length - shown} more` : '';
  return `${parts.join(', ')}${more}`;
}

/** `from outside (eth0), from the host and from guests (virbr0)`. */
export function describeWhence(origins: readonly Origin[]): string {
  const words = { outside: 'from outside', host: 'from the host', guest: 'from guests' } as const;
  const parts = (['outside', 'host', 'guest'] as const).flatMap((kind) => {
    const own = origins.filter((origin) => origin.kind === kind);
    const inputs = [...new Set(own.flatMap(({ input }) => input ?? []))];
    const where = inputs.length === 0 ? '' : ` (${inputs.slice(0, shown).join(', ')})`;
    return own.length === 0 ? [] : [`${words[kind]}${where}`];
  });
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
