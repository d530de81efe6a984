import { describe, expect } from 'vitest';
import { labTest } from '../support/lab-test.ts';

/*
 * Every command at a prompt, in a script, through sudo, in cron and with a reader that has enough: nothing but its own words,
 * no stack, and an exit code that says what happened.
 */

const { test, lab, web } = labTest({ guests: ['web'] });
test.beforeAll(({ lab: own }) => {
  own.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  own.hook(web, 'started');
});

/** Each command that changes nothing, with arguments that it does something with. */
const commands: readonly (readonly string[])[] = [
  ['--help'],
  ['--version'],
  ['plan', 'web'],
  ['apply'],
  ['apply', '--dry-run'],
  ['publish', 'web', '81', '--dry-run'],
  ['unpublish', 'web', '8080', '--dry-run'],
  ['replay'],
  ['replay', 'web'],
  ['status'],
  ['status', 'web'],
  ['events'],
  ['map'],
  ['map', '--format', 'svg'],
  ['check'],
  ['doctor'],
  ['explain', '198.51.100.1:8080', '--from', '198.51.100.2'],
  ['metrics'],
  ['schema'],
  ['schema', '--metadata'],
  ['import', '--iptables-save', '-', '--dry-run'],
  ['config', 'edit', '--help'],
  ['install', '--help'],
  ['uninstall', '--help'],
  ['watch', '--help'],
  ['guest', 'list'],
  ['netns', 'list'],
  ['confirm', '--help'],
  ['rescue', '--dry-run'],
  ['vserver', '--help'],
];
const script = (args: readonly string[]) => ['guestgate', ...args].join(' ');

describe.each(commands.map((args) => [script(args)] as const))('%s', (command) => {
  test('in cron: no terminal, no locale, no HOME, a short PATH', () => {
    const ran = lab.host.run('env', ['-i', 'PATH=/usr/bin:/bin', 'sh', '-c', `${command} </dev/null`], {
      mayFail: true,
    });
    expect([0, 1]).toContain(ran.status);
    expect(ran.stderr).not.toMatch(/a bug|^ +at /m);
    expect(ran.stdout + ran.stderr).not.toContain('\u001b');
  });

  test('a reader that has enough ends it without a word', () => {
    const closed = lab.host.run(
      'bash',
      ['-c', `set -o pipefail; ${command} 2>/tmp/said | true; cat /tmp/said`],
      {
        mayFail: true,
      },
    );
    expect(closed.stdout).not.toMatch(/EPIPE|a bug|^ +at /m);
  });
});

test('the table has every command', () => {
  const help = lab.guestgate('--help').stdout;
  const names = [...(help.split('Commands:')[1] ?? '').matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(15);
  const tested = new Set(commands.map(([name]) => name));
  expect(names.filter((name) => name !== 'help' && !tested.has(name ?? ''))).toEqual([]);
});

test.each([
  [['statsu'], 'Did you mean status?'],
  [['publsh', 'web', '80'], 'Did you mean publish?'],
  [['status', '--jsn'], 'Did you mean --json?'],
  [['map', '--format', 'svgg'], 'Allowed choices are text, svg, mermaid, dot'],
  [['replay', '--event', 'x'], 'must be a whole number'],
  [['status', 'wbe'], 'guestgate plan wbe'],
  [['status', '--format', '{{guest}}'], 'expected: {{.key}}'],
  [['status', '--format', '{{.state}}', '--json'], '--format cannot be used together with --json'],
])('guestgate %j: %s', (args, words) => {
  const ran = lab.guestgate(...args);
  expect(ran).toMatchObject({ status: 2, stdout: '' });
  expect(ran.stderr).toContain(words);
});

test('another user than root gets the command with sudo', () => {
  for (const args of [['status'], ['events'], ['metrics'], ['map'], ['check'], ['replay', '--event', '1']]) {
    const ran = lab.host.run(
      'setpriv',
      ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'guestgate', ...args],
      {
        mayFail: true,
      },
    );
    expect(ran.status, args.join(' ')).toBe(2);
    expect(ran.stderr, args.join(' ')).toContain('sudo guestgate');
  }
});

test.each([['status --watch'], ['events --follow'], ['watch']])(
  'guestgate %s: Ctrl-C ends it with 0, and nothing is left on the terminal',
  (command) => {
    const line = `guestgate ${command} & sleep 1.5; kill -INT $!; wait $!`;
    const ran = lab.host.run('bash', ['-c', line], { mayFail: true });
    expect(ran).toMatchObject({ status: 0, stderr: '' });
  },
);
