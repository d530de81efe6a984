import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { removeControlGroups } from './cgroups.ts';
import { judged, type Ran, type RunOptions } from './ran.ts';
import { hookEnvironment } from './sandbox.ts';
import { until } from './until.ts';

/*
 * A whole Debian that boots: its own systemd is its first process, in mount, process, network and control group namespaces
 * (systemd-nspawn(1)). What is written to it lands in memory, and it ends when the test does. Nothing of it reaches this machine.
 */

/** In milliseconds: what takes longer hangs. */
const patience = 300_000;

/** $1: the folder of the system; $2: the name of its control groups. nspawn writes to /run, which is its own here. */
const boot = `
mount --make-rprivate /
exec 3<"$1"
mount -t tmpfs tmpfs /run
mkdir -p /run/top/up /run/top/work /run/root
mount --no-canonicalize --bind /proc/self/fd/3 /run/root
mount -t overlay overlay -o lowerdir=/run/root,upperdir=/run/top/up,workdir=/run/top/work /run/root
exec 3<&-
for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  [ -e $tree/cgroup.procs ] || continue
  mkdir -p $tree/$2; echo 0 >$tree/$2/cgroup.procs
done
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
exec systemd-nspawn -q --register=no --keep-unit --private-network --console=pipe -D /run/root -M host --boot </dev/null
`;

export class BootedHost {
  private readonly holder: ChildProcess;
  private readonly init: number;

  private constructor(holder: ChildProcess, init: number) {
    this.holder = holder;
    this.init = init;
  }

  /** @param root the folder of the system, see `debianRoot()` */
  static async boot(root: string): Promise<BootedHost> {
    const namespaces = ['-m', '-p', '--fork', '--kill-child', '--mount-proc'];
    const group = `guestgate-test-${process.pid}`;
    // It ends with this process, also when that is killed.
    const command = ['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-ec', boot, 'sh', root, group];
    const holder = spawn('setpriv', command, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [holder.stdout, holder.stderr])
      stream?.on('data', (data: Buffer) => {
        said += String(data);
      });
    let init: number | undefined;
    await until('systemd is the first process of the system', () => {
      if (holder.exitCode !== null) throw new Error(`the system did not boot: ${said}`);
      init = findInit(holder.pid ?? 0);
      return init !== undefined;
    });
    const host = new BootedHost(holder, init ?? 0);
    // Its bus is there a moment later.
    await until('the system runs', () =>
      host.run('systemctl', ['is-system-running', '--wait'], { mayFail: true }).stdout.startsWith('running'),
    );
    return host;
  }

  run(program: string, args: readonly string[] = [], options: RunOptions = {}): Ran {
    const { status, stdout, stderr, error } = spawnSync('/usr/bin/nsenter', this.enter(program, args), {
      env: { ...hookEnvironment, ...options.env },
      input: options.input ?? '',
      encoding: 'utf8',
      timeout: options.timeout ?? patience,
    });
    if (error !== undefined) throw error;
    return judged([program, ...args], { status, stdout, stderr }, options);
  }

  /** Runs a shell script and returns what it printed. */
  sh(script: string): string {
    return this.run('sh', ['-ec', script]).stdout;
  }

  start(program: string, args: readonly string[] = []): ChildProcess {
    return spawn('/usr/bin/nsenter', this.enter(program, args), { env: hookEnvironment, stdio: 'pipe' });
  }

  write(path: string, text: string): void {
    this.run('sh', ['-ec', 'mkdir -p "$(dirname "$1")"; cat >"$1"', 'sh', path], { input: text });
  }

  /** Brings a file of this machine into it. */
  copy(from: string, to: string): void {
    const input = readFileSync(from);
    const ran = spawnSync('/usr/bin/nsenter', this.enter('sh', ['-c', 'cat >"$1"', 'sh', to]), { input });
    if (ran.status !== 0) throw new Error(`copying ${from}: ${ran.stderr}`);
  }

  async destroy(): Promise<void> {
    const ended = once(this.holder, 'exit');
    this.holder.kill('SIGKILL');
    await ended;
    await until('all its processes have ended', () => !existsSync(`/proc/${this.init}`));
    removeControlGroups();
  }

  private enter(program: string, args: readonly string[]): string[] {
    return ['-t', String(this.init), '-m', '-u', '-i', '-n', '-p', '-C', '-w', '--', program, ...args];
  }
}

/** The first process of the innermost process namespace below a process. */
function findInit(parent: number): number | undefined {
  for (const child of childrenOf(parent)) {
    const status = readFileSync(`/proc/${child}/status`, 'utf8');
    const numbers = /^NSpid:\t(.*)$/m.exec(status)?.[1]?.split('\t') ?? [];
    if (numbers.length > 2 && numbers.at(-1) === '1' && status.startsWith('Name:\tsystemd\n')) return child;
    const found = findInit(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return []; // it has ended
  }
}
