import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isUnread, judged, type Ran, type RunOptions } from './ran.ts';
import { setup, setupRoot } from './sandbox-setup.ts';

/*
 * A host of its own for a test: private mount, network, process and host name namespaces. What a test writes to /etc, /run,
 * /usr/bin or /var lands in memory; the machine's own stay as they are. Everything in it hangs on one process,
 * which ends when this one does, however it ends: nothing is left behind.
 */

/** In milliseconds. What takes longer hangs, however busy the machine is. */
const patience = 120_000;

/** By its whole path: the PATH that is passed on is one of the sandbox. */
const nsenter = '/usr/bin/nsenter';

/** The environment of a hook: libvirt passes on nothing else. */
export const hookEnvironment = {
  LC_ALL: 'C',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
};

const repository = fileURLToPath(new URL('../..', import.meta.url));

export class Sandbox {
  private readonly holder: ChildProcess;
  /** The process that everything in it hangs on, as the machine knows it. */
  readonly init: number;
  private readonly hasRoot: boolean;

  private constructor(holder: ChildProcess, init: number, hasRoot: boolean) {
    this.holder = holder;
    this.init = init;
    this.hasRoot = hasRoot;
  }

  /**
   * @param options.programs a folder of the checkout whose files are in /usr/bin, as if copied there
   * @param options.root the folder of another system, see `unpackedPackages()`
   */
  static async create(
    options: { readonly programs?: string; readonly root?: string } = {},
  ): Promise<Sandbox> {
    const { root } = options;
    const namespaces = ['-m', '-n', '-p', '-u', '--fork', '--kill-child', '--mount-proc'];
    const layer = options.programs === undefined ? '' : `${options.programs}:`;
    const script =
      root === undefined ? [setup, 'sh', repository, layer] : [setupRoot, 'sh', repository, root];
    const holder = spawn('unshare', [...namespaces, 'sh', '-c', ...script], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      holder.stderr?.on('data', (data: Buffer) => {
        said += String(data);
      });
      holder.stdout?.once('data', () => resolve());
      holder.once('exit', (code) => reject(new Error(`the sandbox ended with ${code}: ${said}`)));
    });
    const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8');
    const sandbox = new Sandbox(holder, Number(children.trim().split(' ')[0]), root !== undefined);
    // Nothing is written before it is sure that it is not the machine itself.
    if (root !== undefined) sandbox.run('sh', ['-ec', 'test -e /.unpacked; test ! -e /.old']);
    return sandbox;
  }

  /** Runs a program in the sandbox to its end. */
  run(program: string, args: readonly string[] = [], options: RunOptions = {}): Ran {
    const result = spawnSync(nsenter, this.enter(program, args, options), {
      env: { ...(options.env ?? hookEnvironment) },
      input: options.input ?? '',
      encoding: 'utf8',
      timeout: options.timeout ?? patience,
      maxBuffer: 1 << 28,
    });
    if (result.error !== undefined && !isUnread(result)) throw result.error;
    const { status, stdout, stderr } = result;
    return judged([program, ...args], { status, stdout, stderr }, options);
  }

  /** As `run`, while other things go on: for what mostly waits. */
  async runAside(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ran> {
    const child = this.start(program, args, options);
    const output = [child.stdout, child.stderr].map((stream) => stream?.setEncoding('utf8').toArray() ?? []);
    child.stdin?.on('error', () => {}); // it may end before it has read all
    child.stdin?.end(options.input ?? '');
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? patience);
    const [status] = (await once(child, 'close')) as [number | null];
    clearTimeout(timer);
    const [stdout = '', stderr = ''] = (await Promise.all(output)).map((parts) => parts.join(''));
    return judged([program, ...args], { status, stdout, stderr }, options);
  }

  /** Runs a shell script in the sandbox and returns what it printed. */
  sh(script: string, options: RunOptions = {}): string {
    return this.run('sh', ['-ec', script], options).stdout;
  }

  /** Lays unpacked packages over the machine's own folders: as if they were installed in here. */
  addPackages(root: string): void {
    this.run('sh', [
      '-ec',
      `for part in usr/bin usr/sbin usr/lib usr/libexec usr/share bin sbin lib; do
        own=/\${part#usr/}; own=/usr$own
        [ -d "$0/$part" ] && [ -d "$own" ] || continue
        top=/tmp/.sandbox/packages/$part; mkdir -p $top/up $top/work
        mount -t overlay overlay -o "lowerdir=$0/$part:$own,upperdir=$top/up,workdir=$top/work" "$own"
      done
      [ ! -d "$0/etc" ] || cp -a "$0/etc/." /etc/`,
      root,
    ]);
  }

  /** Starts a program in the sandbox that goes on; it ends with the sandbox. */
  start(program: string, args: readonly string[] = [], options: RunOptions = {}): ChildProcess {
    return spawn(nsenter, this.enter(program, args, options), {
      env: { ...(options.env ?? hookEnvironment) },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  write(path: string, text: string): void {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    this.run('sh', ['-ec', '[ -d "$1" ] || mkdir -p "$1"; cat >"$2"', 'sh', folder, path], { input: text });
  }

  read(path: string): string {
    return this.run('cat', [path]).stdout;
  }

  async destroy(): Promise<void> {
    const ended = new Promise((resolve) => this.holder.once('exit', resolve));
    this.holder.stdin?.end();
    await ended;
  }

  private enter(program: string, args: readonly string[], options: RunOptions): string[] {
    const net = options.in === undefined ? '-n' : `--net=/proc/${this.init}/root/run/netns/${options.in}`;
    const place = this.hasRoot ? ['-w'] : ['--wd=/'];
    return ['-t', String(this.init), '-m', '-p', '-u', net, ...place, '--', program, ...args];
  }
}
