import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Sandbox } from './sandbox.ts';
import { until } from './until.ts';

/** The port of `serveEcho()`. */
export const echoPort = 7;

/** Answers each line that it hears, in the namespace of a guest. */
export function serveEcho(host: Sandbox, space: string): void {
  host.start('socat', [`TCP4-LISTEN:${echoPort},fork,reuseaddr`, 'EXEC:cat'], { in: space });
}

/** A connection of the client that stays open, to a server that repeats what it hears. */
export class Connection {
  private readonly process: ChildProcess;
  private heard = '';

  constructor(host: Sandbox, address: string, port: number) {
    this.process = host.start('socat', ['-', `TCP4:${address}:${port}`], { in: 'client' });
    this.process.stdin?.on('error', () => {});
    this.process.stdout?.on('data', (data: Buffer) => {
      this.heard += String(data);
    });
  }

  /** Whether what is said now comes back. */
  async answers(word: string): Promise<boolean> {
    this.process.stdin?.write(`${word}\n`);
    const heard = () => this.heard.includes(word);
    const ended = () => this.process.exitCode !== null;
    await until(`"${word}" comes back`, () => heard() || ended(), 2).catch(() => undefined);
    return heard();
  }

  async end(): Promise<void> {
    // A connection that was ended ends its client.
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }
}
