import { expect } from 'vitest';
import { type Lab, type LabGuest, publicAddress } from '../support/lab.ts';
import { labTest, ownLabTest } from '../support/lab-test.ts';
import type { Ran } from '../support/ran.ts';
import { hookEnvironment } from '../support/sandbox.ts';

/*
 * A host with a neighbour: a guest that is open at port 9000 and has nothing to do with the trouble that a test
 * makes. Whatever happens, it stays reachable, and when the trouble is over all is well again.
 */

/** A hook that has not ended by then hangs, in seconds, and is killed: it means to within 10 s, where it has the time. */
const longest = 90;

export interface Call {
  readonly hook?: string;
  readonly operation: string;
  /** The guest's name as libvirt says it. */
  readonly object: string;
  /** What libvirt writes to stdin. */
  readonly input?: string;
  /** Redirections, and what a shell can do before: `"$@" <&-`. */
  readonly script?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const guests = ['neighbour', 'victim'] as const;

/** One such host for a file, see `labTest()`. */
export function hostileTest() {
  const { test, ...own } = labTest({ guests });
  const host = new HostileHost(own);
  test.beforeAll(() => void host.begin());
  return { test, host };
}

/** Such a host for each test, side by side; when a test has passed, nothing may be left of its trouble. */
export function ownHostileTest() {
  const { test, ...own } = ownLabTest({ guests });
  return test.extend('host', ({ lab }) => new HostileHost({ lab, ...own }).begin());
}

export class HostileHost {
  readonly lab: Lab;
  readonly neighbour: LabGuest;
  readonly victim: LabGuest;

  constructor({ lab, neighbour, victim }: Pick<HostileHost, 'lab' | 'neighbour' | 'victim'>) {
    this.lab = lab;
    this.neighbour = neighbour;
    this.victim = victim;
  }

  /** The neighbour runs from now on; the victim is there, and its policy, but it does not run yet. */
  begin(): this {
    this.configure();
    this.lab.hook(this.neighbour, 'started');
    // What a hook leaves is done by nobody but the next one: in the middle of the trouble somebody else would be in the way.
    this.lab.host.start('flock', ['/run/guestgate/retry', 'sleep', '100000']);
    return this;
  }

  /** The configuration of both, and more. */
  configure(more = ''): void {
    this.lab.configure(`${this.policyText()}${more}`);
  }

  policyText(): string {
    return `[guest.neighbour]
address = "${this.neighbour.address}"
forward = ["9000:80"]
[guest.victim]
address = "${this.victim.address}"
forward = ["8080:80"]
`;
  }

  /** Calls a hook and checks what holds for all calls: nothing on stdout, and done in time. */
  call(call: Call): Ran {
    return checked(this.lab.host.run('/bin/sh', ...asShell(call)));
  }

  /** As `call`, while other things go on: for hooks that wait. */
  async callAside(call: Call): Promise<Ran> {
    return checked(await this.lab.host.runAside('/bin/sh', ...asShell(call)));
  }

  /** An operation of the victim. */
  victimCall(operation: string, options: Partial<Call> = {}): Ran {
    return this.call({ ...this.ofVictim(operation), ...options });
  }

  victimCallAside(operation: string, options: Partial<Call> = {}): Promise<Ran> {
    return this.callAside({ ...this.ofVictim(operation), ...options });
  }

  private ofVictim(operation: string): Call {
    return { operation, object: this.victim.name, input: this.lab.xml(this.victim, operation) };
  }

  /** Makes libvirt's status files say that a guest runs, or runs no longer. */
  setRunning(guest: LabGuest, running: boolean): void {
    const file = `/run/libvirt/qemu/${guest.name}.xml`;
    if (running) this.lab.host.write(file, this.lab.status(guest));
    else this.lab.host.run('rm', ['-f', file]);
  }

  expectNeighbour(): void {
    expect(this.lab.fetch('client', publicAddress, 9000)).toContain('hello from guest1');
  }

  expectVictim(reachable: boolean): void {
    expect(this.lab.fetch('client', publicAddress, 8080)).toContain(
      reachable ? 'hello from guest2' : 'refused',
    );
  }

  expectAgreement(): void {
    const { status, stdout, stderr } = this.lab.guestgate('check');
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'Configuration, running guests and kernel agree.\n',
      stderr: '',
    });
  }

  /** The trouble is over: one replay makes everything right. */
  expectHealedByReplay(): void {
    const replayed = this.lab.guestgate('replay');
    expect(replayed).toMatchObject({ status: 0, stderr: '' });
    this.expectAgreement();
    this.expectNeighbour();
  }

  /** Only the neighbour runs, whatever a test has left behind. */
  reset(): void {
    const script = `
      mkdir -p /etc/guestgate /run/libvirt/qemu; cat >/etc/guestgate/guestgate.toml
      rm -rf /run/libvirt/qemu/*.xml; printf %s "$1" >/run/libvirt/qemu/neighbour.xml
      /usr/bin/guestgate replay`;
    this.lab.host.run('sh', ['-c', script, 'sh', this.lab.status(this.neighbour)], {
      input: this.policyText(),
      mayFail: true,
    });
  }

  /** All is well: nothing is left of the trouble. */
  expectPeace(): void {
    this.reset();
    this.expectAgreement();
    this.expectNeighbour();
  }
}

function checked(ran: Ran): Ran {
  expect(ran.status, 'it hung').not.toBe(137);
  expect(ran.stdout).toBe('');
  return ran;
}

/** What a shell is told for a call. A hook may end before it has read all: libvirt does not mind, a pipe of ours does. */
function asShell({ hook = 'qemu', operation, object, input, script = '"$@"', env }: Call) {
  const suffix = operation === 'stopped' || operation === 'release' ? 'end' : 'begin';
  const bounded = `timeout -s KILL ${longest} /bin/sh -c "$0" sh "$@"`;
  const fed = input === undefined ? bounded : `cat >/tmp/stdin; cat /tmp/stdin | ${bounded}`;
  const args = ['-c', fed, script, `/etc/libvirt/hooks/${hook}`, object, operation, suffix, '-'];
  const options = {
    env: { ...hookEnvironment, ...env },
    mayFail: true,
    ...(input !== undefined && { input }),
  };
  return [args, options] as const;
}

/** What may stand in a file of ours in place of what should: a shell script for each, which is given the file. */
export const garbage: Readonly<Record<string, string>> = {
  nothing: ': >"$1"',
  'half of it': 'head -c $(($(wc -c <"$1") / 2)) "$1" >/tmp/half; mv /tmp/half "$1"',
  'NUL bytes': 'head -c 300 /dev/zero >"$1"',
  noise: 'head -c 3000 /dev/urandom >"$1"',
  null: 'echo null >"$1"',
  'an empty object': 'echo "{}" >"$1"',
  'a list': 'echo "[]" >"$1"',
  'a number': 'echo 5 >"$1"',
  'an element that says nothing': `sed -i 's/"elements":\\[{[^]]*\\]/"elements":[{"kind":"forward"}]/' "$1"`,
  'an element that is null': `sed -i 's/"elements":\\[{[^]]*\\]/"elements":[null]/' "$1"`,
  'another format': `sed -i 's/"format":1/"format":99/' "$1"`,
  'what came before formats had numbers': `sed -i 's/"format":1,//' "$1"`,
  'a folder': 'rm "$1"; mkdir "$1"; touch "$1/file"',
  'a pipe': 'rm "$1"; mkfifo "$1"',
  'a device': 'rm "$1"; mknod "$1" c 1 5',
  'a record of another shape': `echo '{"guest":null,"elements":{"length":-1}}' >"$1"`,
};

/** A complaint is one line, says whose, and shows no stack. */
export function expectComplaint(ran: Ran, status: number, pattern: RegExp): void {
  expect(ran.stderr).toMatch(pattern);
  expect(ran.stderr).toMatch(/^guestgate: [^\n]*\n$/);
  expect(ran.stderr).not.toMatch(/\bat .*:\d+:\d+|a bug/);
  expect(ran.status).toBe(status);
}
