import type { Lab } from '../support/lab.ts';
import { domainXml, populate } from './population.ts';

/** Wall time in milliseconds of so many at once. */
export interface Boot {
  readonly guests: number;
  readonly started: number;
  readonly reconnect: number;
  readonly stopped: number;
  readonly floors: number;
}

/** A host that boots: all its guests' hooks at once, as libvirt runs them. Every rule is there after it, or it throws. */
export async function bootStorm(lab: Lab, guests: number): Promise<Boot> {
  console.error(`a boot storm of ${guests} guests`);
  populate(lab, guests);
  lab.host.sh(
    'rm -rf /run/guestgate; nft delete table ip guestgate 2>/dev/null || true; sleep 2.1; mkdir -p /tmp/xml',
  );
  for (let number = 0; number < guests; number++) lab.host.write(`/tmp/xml/g${number}`, domainXml(number));
  const all = (what: string) => `for f in /tmp/xml/*; do ${what} <$f >/dev/null 2>&1 & done; wait`;
  const hook = (operation: string, suffix: string) =>
    all(`/etc/libvirt/hooks/qemu \${f##*/} ${operation} ${suffix} -`);
  const timed = (script: string) => {
    const began = performance.now();
    lab.host.sh(script, { timeout: 300_000 });
    return performance.now() - began;
  };
  const started = timed(
    `${hook('started', 'begin').replace('; wait', '; guestgate replay >/dev/null & wait')}`,
  );
  expectEntries(lab, guests * 10);
  const reconnect = timed(hook('reconnect', 'begin'));
  expectEntries(lab, guests * 10);
  lab.host.write('/tmp/floor.nft', 'add element ip guestgate gateways { 10.64.0.1 }\n');
  const floors = timed(all("sh -c 'cat >/dev/null; nft -f /tmp/floor.nft'"));
  lab.host.sh('rm -f /run/libvirt/qemu/*');
  const stopped = timed(hook('stopped', 'end'));
  expectEntries(lab, 0);
  return { guests, started, reconnect, stopped, floors };
}

function expectEntries(lab: Lab, expected: number): void {
  const count = Number(lab.host.sh("nft list map ip guestgate forward | grep -c ' : ' || true").trim());
  const lines = lab.host.sh("nft list map ip guestgate forward | grep -o 'tcp \\. [0-9]* ' | wc -l").trim();
  if (Number(lines) !== expected)
    throw new Error(`${lines} forwards in the kernel (${count} lines), not ${expected}`);
}
