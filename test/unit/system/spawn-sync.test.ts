import { spawnSync as start } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { type Spawned, spawnSync } from '../../../src/system/spawn-sync.ts';

const cases = {
  'writes to both': ['sh', '-c', 'cat; echo told >&2; exit 3'],
  'is not installed': ['no-such-program'],
  'takes too long': ['sleep', '30'],
  'is killed': ['sh', '-c', 'kill -KILL $$'],
  'is ended by a signal': ['sh', '-c', 'kill -TERM $$'],
  'writes too much': ['sh', '-c', 'yes'],
  'leaves its input unread': ['true'],
} as const;
const options = {
  input: 'a line\n'.repeat(20_000),
  timeout: 3000,
  longestOutput: 1 << 20,
  env: { PATH: '/usr/bin:/bin' },
};

type Name = keyof typeof cases;
const byNode = new Map<Name, Spawned>();
let byBun: Record<Name, Spawned>;

beforeAll(() => {
  for (const name of Object.keys(cases) as Name[]) {
    const [program, ...args] = cases[name];
    byNode.set(name, spawnSync(program, args, options));
  }
  const script = `
    import { spawnSync } from ${JSON.stringify(fileURLToPath(new URL('../../../src/system/spawn-sync.ts', import.meta.url)))};
    const { cases, options } = JSON.parse(await Bun.stdin.text());
    const run = ([program, ...args]) => {
      const ended = spawnSync(program, args, options);
      return { ...ended, error: ended.error && { code: ended.error.code, message: ended.error.message } };
    };
    console.log(JSON.stringify(Object.fromEntries(Object.entries(cases).map(([name, command]) => [name, run(command)]))));`;
  const bun = fileURLToPath(new URL('../../../install/bun.mjs', import.meta.url));
  const { stdout, stderr } = start('node', [bun, '-e', script], {
    input: JSON.stringify({ cases, options }),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect(stderr).toBe('');
  byBun = JSON.parse(stdout);
});

test.each(Object.keys(cases) as Name[])('a program that %s: bun and Node tell the same', (name) => {
  const essence = ({ status, signal, stdout, stderr, timedOut, error }: Spawned) => ({
    status,
    signal,
    stdout: error === undefined ? stdout : '',
    stderr,
    timedOut,
    failed: error !== undefined,
    code: error?.code === 'ENOENT' ? error.code : undefined,
  });
  expect(essence(byBun[name])).toEqual(essence(byNode.get(name) as Spawned));
});

test('the outcome names status, signal and error', () => {
  const told = (name: Name) => byNode.get(name) as Spawned;
  expect(told('writes to both')).toMatchObject({ status: 3, stdout: options.input, stderr: 'told\n' });
  expect(told('is not installed').error?.code).toBe('ENOENT');
  expect(told('takes too long')).toMatchObject({ timedOut: true, status: undefined });
  expect(told('is killed')).toMatchObject({ timedOut: false, signal: 'SIGKILL' });
  expect(told('writes too much').error).toBeDefined();
  expect(told('leaves its input unread')).toMatchObject({ status: 0, error: undefined });
});
