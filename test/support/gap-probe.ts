import type { ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { repositoryPath } from './repository.ts';
import type { Sandbox } from './sandbox.ts';

/** What new connections met. */
export interface Seen {
  readonly sent: number;
  readonly answered: number;
  /** The longest time without an answer, in milliseconds. */
  readonly gap: number;
  /** Whether the last ones were all answered. */
  readonly open: boolean;
}

const script = repositoryPath('test/support/gap-probe.mjs');

/** Lets a guest, known by its namespace, answer UDP at a port. */
export function echoAt(host: Sandbox, space: string, port: number): void {
  host.start(process.execPath, [script, '--echo', String(port)], { in: space });
  host.sh(
    `for i in $(seq 2000); do ss -Hlun "sport = :${port}" | grep -q . && exit 0; sleep 0.05; done; exit 1`,
    {
      in: space,
    },
  );
}

/** Opens connection after connection from the client, and tells how long none was answered. */
export class Probe {
  private readonly child: ChildProcess;
  private readonly lines: Interface;

  constructor(host: Sandbox, address: string, port: number, every = 5) {
    const args = [script, address, String(port), String(every)];
    this.child = host.start(process.execPath, args, { in: 'client' });
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
  }

  /** What there was since the beginning, or since the last `anew`. */
  async look(line: 'anew' | 'go on' = 'go on'): Promise<Seen> {
    const answer = new Promise<string>((resolve) => this.lines.once('line', resolve));
    this.child.stdin?.write(`${line}\n`);
    return JSON.parse(await answer) as Seen;
  }

  /** Looks until connections are answered, all of the last ones. */
  async untilOpen(seconds = 20): Promise<Seen> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const seen = await this.look();
      if (seen.open && seen.sent >= 20) return seen;
      if (Date.now() > end) throw new Error(`not answered for ${seconds} s: ${JSON.stringify(seen)}`);
    }
  }

  end(): void {
    this.child.kill();
    this.child.stdin?.end();
  }
}
