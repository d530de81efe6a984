import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withoutEnvironment } from '../../../install/own-environment.mjs';

const program = fileURLToPath(new URL('../../../dist/guestgate', import.meta.url));
const needed = 'BUN_OPTIONS\0BUN_BE_BUN\0BUN_INSPECT\0BUN_INSPECT_PRELOAD\0BUN_INSPECT_CONNECT_TO\0';

describe('names in an executable', () => {
  test('each name is emptied, and nothing else changes', () => {
    const before = `code\0${needed}NODE_CHANNEL_FD\0 BUN_OPTIONS is a word\0PATH\0`;
    const data = Buffer.from(before);
    expect(withoutEnvironment(data, data.length)).toEqual([
      'BUN_OPTIONS',
      'BUN_BE_BUN',
      'BUN_INSPECT',
      'BUN_INSPECT_PRELOAD',
      'BUN_INSPECT_CONNECT_TO',
      'NODE_CHANNEL_FD',
    ]);
    expect(data.toString()).toBe(before.replaceAll(/\0[BN](?=(UN|ODE)_[A-Z_]+\0)/g, '\0\0'));
  });

  test('the program behind the runtime is left alone', () => {
    const runtime = `\0${needed}`;
    const data = Buffer.from(`${runtime}\0BUN_OPTIONS\0`);
    withoutEnvironment(data, runtime.length);
    expect(data.toString().slice(runtime.length)).toBe('\0BUN_OPTIONS\0');
  });

  test('a runtime that asks for another name is refused', () => {
    const data = Buffer.from(`\0${needed.replace('BUN_BE_BUN\0', '')}`);
    expect(() => withoutEnvironment(data, data.length)).toThrow(
      "bun's runtime has no variable BUN_BE_BUN any more",
    );
  });
});

describe('the built program runs nothing that the environment names', () => {
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'guestgate-environment-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    writeFileSync(join(path, 'loaded.js'), 'console.log("LOADED");');
    writeFileSync(join(path, '.env'), 'BUN_OPTIONS=--preload=./loaded.js\n');
    writeFileSync(join(path, 'bunfig.toml'), 'preload = ["./loaded.js"]\n');
    return path;
  };
  const run = (cwd: string, environment: Readonly<Record<string, string>>, ...args: string[]) =>
    spawnSync(program, args, { cwd, env: { PATH: process.env['PATH'], ...environment }, encoding: 'utf8' });

  test.each([
    ['a preload', { BUN_OPTIONS: '--preload=./loaded.js' }],
    ['a preload of the inspector', { BUN_INSPECT_PRELOAD: './loaded.js' }],
    ['an inspector', { BUN_INSPECT: 'ws://127.0.0.1:1/x?wait=1' }],
    ['a preload for Node.js', { NODE_OPTIONS: '--require=./loaded.js' }],
    ['bun itself', { BUN_BE_BUN: '1' }],
    ['files in the working directory', {}],
  ])('%s', (_, environment) => {
    const { stdout, stderr, status } = run(folder(), environment, '--version');
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^guestgate [\d.]+\ncommit: [^\n]+\nruntime: bun [^\n]+\nback ends: [^\n]+\n$/);
  });

  test('nor as bun, with a script of its own', () => {
    const { stdout, status } = run(folder(), { BUN_BE_BUN: '1' }, 'loaded.js');
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  });
});
