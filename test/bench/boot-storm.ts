import type { Lab } from '../support/lab.ts';
import { domainXml, populate } from './population.ts';

/** Wall time in milliseconds of so many at once. */
export interface Boot {
  readonly guests: number;
  readonly started: number;
  readonly stopped: number;
  readonly floors: number;
  /** Of libvirtd that starts anew on a host where so many guests run. */
  readonly reconnect: { readonly guests: number; readonly milliseconds: number };
}

/** Hosts that boot: all their guests' hooks at once, as libvirt runs them. Every rule is there after it, or it throws. */
export async function bootStorm(lab: Lab, guests: number, running: number): Promise<Boot> {
  console.error(`a boot storm of ${guests} guests, and libvirtd anew beside ${running}`);
  prepare(lab, guests);
  lab.host.sh('rm -rf /run/guestgate; nft delete table ip guestgate 2>/dev/null || true');
  const withReplay = hooks('started', 'begin').replace('; wait', '; guestgate replay >/dev/null & wait');
  const started = timed(lab, withReplay);
  expectEntries(lab, guests * 10);
  lab.host.write('/tmp/floor.nft', 'add element ip guestgate gateways { 10.64.0.1 }\n');
  const floors = timed(lab, allAtOnce("sh -c 'cat >/dev/null; nft -f /tmp/floor.nft'"));
  lab.host.sh('rm -f /run/libvirt/qemu/*');
  const stopped = timed(lab, hooks('stopped', 'end'));
  expectEntries(lab, 0);
  prepare(lab, running);
  lab.guestgate('replay');
  const milliseconds = timed(lab, hooks('reconnect', 'begin'));
  expectEntries(lab, running * 10);
  return { guests, started, stopped, floors, reconnect: { guests: running, milliseconds } };
}

/** This many guests with their policies, and the XML of each in a file of its name. */
function prepare(lab: Lab, guests: number): void {
  populate(lab, guests);
  lab.host.sh('sleep 2.1; rm -rf /tmp/xml; mkdir /tmp/xml');
  for (let number = 0; number < guests; number++) lab.host.write(`/tmp/xml/g${number}`, domainXml(number));
}

function hooks(operation: string, suffix: string): string {
  return allAtOnce(`/etc/libvirt/hooks/qemu \${f##*/} ${operation} ${suffix} -`);
}

function allAtOnce(command: string): string {
  return `for f in /tmp/xml/*; do ${command} <$f >/dev/null 2>&1 & done; wait`;
}

function timed(lab: Lab, script: string): number {
  const began = performance.now();
  lab.host.sh(script, { timeout: 300_000 });
  return performance.now() - began;
}

/** What a hook gave up is done after it, by a process of its own. */
function expectEntries(lab: Lab, expected: number): void {
  const count = "nft list map ip guestgate forward | grep -o 'tcp \\. [0-9]* ' | wc -l";
  let found = '';
  for (let second = 0; second < 60 && found !== String(expected); second++) {
    found = lab.host.sh(`[ ${second} = 0 ] || sleep 1; ${count}`).trim();
  }
  if (found !== String(expected)) throw new Error(`${found} forwards in the kernel, not ${expected}`);
}
