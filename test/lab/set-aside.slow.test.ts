import { expect } from 'vitest';
import type { Lab } from '../support/lab.ts';
import { publicAddress } from '../support/lab.ts';
import { ownLabTest } from '../support/lab-test.ts';
import { hookEnvironment } from '../support/sandbox.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * A guest whose rules the kernel refuses, or takes too long for, is set aside: others get theirs, and it gets its own as soon
 * as its policy changes, or the administrator asks and they are accepted.
 */

const { test, web: faulty, db } = ownLabTest({ guests: ['web', 'db'] });

/** nft, or iptables-nft-restore, which goes wrong if a transaction has the port 6666. */
function withFault(lab: Lab, program: string, fault: string): Record<string, string> {
  const real = lab.host.sh(`command -v ${program}`).trim();
  const script = `input=$(cat; echo x); case $input in *6666*) ${fault};; esac; printf %s "\${input%x}" | exec ${real} "$@"`;
  lab.host.write(
    `/tmp/bin/${program}`,
    `#!/bin/sh\ncase "$*" in *-f*|*noflush*) ;; *) exec ${real} "$@";; esac\n${script}\n`,
  );
  lab.host.sh(`chmod +x /tmp/bin/${program}`);
  return { PATH: `/tmp/bin:${hookEnvironment.PATH}` };
}

const recordOf = (lab: Lab) => JSON.parse(lab.host.read('/run/guestgate/guests/qemu-web.json'));

test.for(
  someOf(
    [
      ['nftables', 'nft', 'echo refused >&2; exit 1'],
      ['nftables', 'nft', 'exec sleep 1000'],
      ['iptables-nft', 'iptables-nft-restore', 'echo refused >&2; exit 1'],
    ] as const,
    1,
  ),
)('%s: %s with "%s"', ([backend, program, fault], { lab }) => {
  lab.useBackend(backend);
  const configure = (forward: string) =>
    lab.configure(
      `[guest.web]\naddress = "${faulty.address}"\nforward = ["${forward}"]\n` +
        `[guest.db]\naddress = "${db.address}"\nforward = ["8080:80"]\n`,
    );
  configure('6666:80');
  const env = withFault(lab, program, fault);
  lab.hook(db, 'started', { env });
  for (let times = 0; times < 3; times++) lab.hook(faulty, 'started', { env });
  expect(recordOf(lab)).toMatchObject({ elements: [], failed: { times: expect.any(Number) } });
  // Neither its own events nor those of others try it again, and nothing waits for it.
  const again = lab.hook(faulty, 'reconnect', { env });
  expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('guestgate replay web') });
  lab.hook(db, 'stopped', { env });
  expect(lab.hook(db, 'started', { env }).stderr).toContain('1 forward');
  expect(lab.host.sh('ls /run/guestgate/requests 2>/dev/null | wc -l').trim()).toBe('0');
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest2');
  expect(lab.guestgate('status').stdout).toContain('guestgate does not try this policy again');
  // A replay rebuilds the rules of the others, whatever becomes of it.
  lab.host.run('guestgate', ['replay'], { env, mayFail: true });
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest2');
  // The fault is over: what a person asks for is tried.
  lab.guestgate('replay', 'web');
  expect(lab.fetch('client', publicAddress, 6666)).toContain('hello from guest1');
  expect(recordOf(lab).failed).toBeUndefined();
});
