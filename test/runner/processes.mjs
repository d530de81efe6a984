import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * The programs of a run, and their end. Each is the leader of a process group, and the janitor knows them all: it holds
 * a pipe of the runner's, and when the runner ends, in whatever way, the janitor ends the groups and removes what they left.
 */

/** How much of the output of a program is kept, in characters. */
const kept = 100_000;

/** What one run starts. */
export class Processes {
  /** Everything temporary lies here: the janitor removes it. */
  folder = mkdtempSync(join(tmpdir(), 'guestgate-test-'));
  #janitor = spawn('sh', [fileURLToPath(new URL('janitor.sh', import.meta.url)), this.folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  #isEnding = false;
  /** The processor time of all that have ended, in seconds. */
  #spent = spentByChildren();

  constructor() {
    this.#janitor.stdin.on('error', () => {});
  }

  /**
   * Runs a program to its end.
   *
   * @param write gets its output as it comes
   * @param env more variables of environment
   * @returns its exit code, or the signal that ended it, or why it was not started; its output's beginning and end; and the
   *   processor time that it and what it waited for took, in seconds
   */
  async run(file, args, write, env = {}) {
    if (this.#isEnding) await new Promise(() => {}); // the janitor would not see it
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, TMPDIR: this.folder, ...env },
    });
    let output = '';
    const take = (text) => {
      output = output.length + text.length > kept ? `${output}${text}`.slice(-kept) : output + text;
      write(text);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', take);
    if (child.pid !== undefined) this.#tell(`begun ${child.pid}`);
    try {
      const [status, signal] = await once(child, 'exit');
      const before = this.#spent;
      this.#spent = spentByChildren();
      const processor = this.#spent - before;
      // What it started may hold its output: the rest of the group ends before the output is waited for.
      endGroup(child.pid);
      if (!child.stdout.closed || !child.stderr.closed) await once(child, 'close');
      return { status, signal, output, processor };
    } catch (error) {
      return { status: null, signal: null, error: error.message, output, processor: 0 };
    } finally {
      if (child.pid !== undefined) this.#tell(`ended ${child.pid}`);
    }
  }

  /** Ends what runs, and removes what is temporary. */
  async end() {
    this.#isEnding = true;
    const ended = once(this.#janitor, 'exit');
    this.#janitor.stdin.end();
    if (this.#janitor.exitCode === null && this.#janitor.signalCode === null) await ended;
  }

  #tell(line) {
    this.#janitor.stdin.write(`${line}\n`);
  }
}

/** `cutime` and `cstime` of proc_pid_stat(5), in hundredths of a second, after the name, which may hold spaces. */
function spentByChildren() {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function endGroup(leader) {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}
