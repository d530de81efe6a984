import type { Lab } from './lab.ts';
import type { Ran } from './ran.ts';

/** Where a process is held up: before it has the lock, when its plan is made; or with it, before its journal is written. */
export type Place = 'before the lock' | 'with the lock';

const injections: Readonly<Record<Place, readonly string[]>> = {
  'before the lock': [
    '-P',
    '/run/guestgate/lock',
    '-e',
    'trace=flock',
    '-e',
    'inject=flock:delay_enter=900000:when=1',
  ],
  'with the lock': [
    ...['-P', '/run/guestgate/journal.json', '-e', 'trace=rename'],
    ...['-e', 'inject=rename:delay_enter=900000:when=1'],
  ],
};

/** The process has made its plan when it has opened the lock's file: that is what it does next. */
const waitUntilPlanned = `
  for i in $(seq 500); do
    for child in $(cat /proc/$1/task/$1/children 2>/dev/null); do
      for fd in /proc/$child/fd/*; do [ "$(readlink $fd)" = /run/guestgate/lock ] && exit 0; done
    done
    [ -e /proc/$1 ] || exit 0
    sleep 0.01
  done
  echo "it never came to the lock" >&2; exit 1`;

/**
 * Runs a program that strace(1) holds up, does something meanwhile, and waits for its end.
 *
 * @returns how the program ended
 */
export async function whileDelayed(
  lab: Lab,
  command: readonly string[],
  meanwhile: () => unknown,
  options: { readonly place?: Place; readonly input?: string } = {},
): Promise<Ran> {
  const { place = 'before the lock', input = '' } = options;
  const pid = `/tmp/delayed-${Math.random().toString(36).slice(2)}`;
  const script = 'echo $$ >"$0"; exec strace -f -qq -o /dev/null "$@"';
  const ran = lab.host.runAside('sh', ['-c', script, pid, ...injections[place], ...command], {
    input,
    mayFail: true,
  });
  await lab.host.runAside('sh', [
    '-c',
    `until [ -s ${pid} ]; do sleep 0.01; done; set -- $(cat ${pid}); ${waitUntilPlanned}`,
  ]);
  await meanwhile();
  return ran;
}
