import { expect } from 'vitest';
import { Lab, type LabGuest, publicAddress } from '../support/lab.ts';
import { hookEnvironment, type Ran } from '../support/sandbox.ts';

/*
 * A host with a neighbour: a guest that is open at port 9000 and has nothing to do with the trouble that a test
 * makes. Whatever happens, it stays reachable, and when the trouble is over all is well again.
 */

/** A hook ends within this many milliseconds at the worst. */
const longest = 10_000;

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

export class HostileHost {
  readonly lab: Lab;
  readonly neighbour: LabGuest;
  readonly victim: LabGuest;

  private constructor(lab: Lab, neighbour: LabGuest, victim: LabGuest) {
    this.lab = lab;
    this.neighbour = neighbour;
    this.victim = victim;
  }

  /** A host on which the neighbour runs; the victim is there, and its policy, but it does not run yet. */
  static async create(): Promise<HostileHost> {
    const lab = await Lab.create();
    const host = new HostileHost(lab, lab.addGuest('neighbour'), lab.addGuest('victim'));
    host.configure();
    lab.hook(host.neighbour, 'started');
    return host;
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
  call({ hook = 'qemu', operation, object, input, script = '"$@"', env }: Call): Ran {
    const suffix = operation === 'stopped' || operation === 'release' ? 'end' : 'begin';
    const args = [`/etc/libvirt/hooks/${hook}`, object, operation, suffix, '-'];
    // A hook may end before it has read all: libvirt does not mind, spawnSync does.
    if (input !== undefined) this.lab.host.write('/tmp/stdin', input);
    const fed = input === undefined ? script : `cat /tmp/stdin | { ${script}; }`;
    const began = performance.now();
    const ran = this.lab.host.run('/bin/sh', ['-c', fed, 'sh', ...args], {
      env: { ...hookEnvironment, ...env },
      mayFail: true,
    });
    expect(performance.now() - began, 'it took too long').toBeLessThan(longest);
    expect(ran.stdout).toBe('');
    return ran;
  }

  /** An operation of the victim. */
  victimCall(operation: string, options: Partial<Call> = {}): Ran {
    const input = this.lab.xml(this.victim, operation);
    return this.call({ operation, object: this.victim.name, input, ...options });
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
    this.configure();
    this.lab.host.sh('rm -rf /run/libvirt/qemu/*.xml');
    this.setRunning(this.neighbour, true);
    this.lab.guestgate('replay');
  }
}

/** A complaint is one line, says whose, and shows no stack. */
export function expectComplaint(ran: Ran, status: number, pattern: RegExp): void {
  expect(ran.stderr).toMatch(pattern);
  expect(ran.stderr).toMatch(/^guestgate: [^\n]*\n$/);
  expect(ran.stderr).not.toMatch(/\bat .*:\d+:\d+|a bug/);
  expect(ran.status).toBe(status);
}
