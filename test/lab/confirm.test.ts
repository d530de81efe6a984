import { beforeEach, describe, expect } from 'vitest';
import { publicAddress, publicAddress6 } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/*
 * A change that is not confirmed is rolled back: configuration files and rules, in both families, whatever ended in between.
 * The time is short where the rollback is waited for, and long where it must not come.
 */

const { test, lab, web } = labTest({ guests: ['web'], ipv6: true });
const main = '/etc/guestgate/guestgate.toml';
const kept = '/var/lib/guestgate';
const policy = (port: number) =>
  `[guest.web]\naddress = ["${web.address}", "${web.address6}"]\nforward = ["${port}:80"]\n`;
const edited = () => lab.host.read(main).includes('8081');
const isPending = () => lab.host.run('test', ['-e', `${kept}/pending`], { mayFail: true }).status === 0;

/** The ports of 8080 and 8081 at which the guest answers, in each family. */
function open(): string[] {
  const probes = [8080, 8081].flatMap((port) => [
    { address: publicAddress, port },
    { address: publicAddress6, port },
  ]);
  const answers = lab.probe('client', probes);
  return probes.flatMap(({ address, port }, at) =>
    answers[at]?.startsWith('hello') ? [`${address === publicAddress ? 'ipv4' : 'ipv6'} ${port}`] : [],
  );
}
const before = ['ipv4 8080', 'ipv6 8080'];
const after = ['ipv4 8081', 'ipv6 8081'];

const endWaiting = () =>
  lab.host.sh(
    'pid=$(cat /run/guestgate/roll-back); kill -9 $pid; while [ -d /proc/$pid ]; do sleep 0.05; done',
  );

beforeEach(() => {
  lab.host.run('/usr/bin/guestgate', ['confirm', '--roll-back'], { mayFail: true });
  lab.host.sh(`rm -rf /etc/guestgate/guests.d /etc/guestgate/*.rolled-back ${kept}/*.json`);
  lab.configure(policy(8080));
  lab.hook(web, 'started');
  expect(lab.guestgate('apply')).toMatchObject({ status: 0, stderr: '' });
});

test('a change that is not confirmed is rolled back, files and rules, and the edited text is kept', async () => {
  lab.configure(policy(8081));
  const ran = lab.guestgate('apply', '--confirm', '3s');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.stdout).toContain('guestgate confirm');
  await until('the change is rolled back', () => !isPending());
  expect(lab.host.read(main)).toBe(policy(8080));
  expect(lab.host.read(`${main}.rolled-back`)).toBe(policy(8081));
  expect(open()).toEqual(before);
  expect(lab.host.sh(`ls -A /etc/guestgate; ls ${kept}`)).not.toMatch(/before|pending/);
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
});

test('a change that is confirmed stays, and is what the next one is rolled back to', () => {
  lab.configure(policy(8081));
  lab.guestgate('apply', '--confirm', '10min');
  expect(open()).toEqual(after);
  expect(lab.guestgate('confirm')).toMatchObject({ status: 0, stdout: 'confirmed: the change stays\n' });
  expect(isPending()).toBe(false);
  expect(lab.host.sh('ls -A /etc/guestgate')).not.toContain('before');
  lab.configure(policy(8082));
  lab.guestgate('apply', '--confirm', '10min');
  expect(lab.guestgate('confirm', '--roll-back').stdout).toContain(`${main}: rolled back`);
  expect(lab.host.read(main)).toBe(policy(8081));
  expect(open()).toEqual(after);
  expect(lab.guestgate('confirm')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('no change waits'),
  });
});

test('what is edited while a change waits is not part of what is confirmed', () => {
  lab.configure(policy(8081));
  lab.guestgate('apply', '--confirm', '10min');
  lab.configure(policy(8082));
  lab.guestgate('confirm');
  lab.guestgate('apply', '--confirm', '10min');
  lab.guestgate('confirm', '--roll-back');
  expect(lab.host.read(main)).toBe(policy(8081));
});

describe('whatever ends in between', () => {
  test('the session: the process that waits belongs to none, and has no terminal', () => {
    lab.configure(policy(8081));
    lab.guestgate('apply', '--confirm', '10min');
    const shown = lab.host.sh('pid=$(cat /run/guestgate/roll-back); ps -o pid=,sid=,ppid=,tty= -p "$pid"');
    const [pid, session, parent, terminal] = shown.trim().split(/\s+/);
    expect({ session, parent, terminal }).toEqual({ session: pid, parent: '1', terminal: '?' });
  });

  test('the program, before it has applied anything', async () => {
    lab.configure(policy(8081));
    lab.host.sh(
      'flock /run/guestgate/lock sh -c "echo >/tmp/held; while [ -e /tmp/held ]; do sleep 0.05; done" >/dev/null 2>&1 &' +
        ' while [ ! -e /tmp/held ]; do sleep 0.05; done',
    );
    lab.host.sh(
      `guestgate apply --confirm 2s >/dev/null 2>&1 & while [ ! -e ${kept}/pending/waiting.json ]; do sleep 0.05; done;` +
        ' kill -9 $!; rm /tmp/held',
    );
    await until('the change is rolled back', () => !isPending());
    expect(lab.host.read(main)).toBe(policy(8080));
    expect(open()).toEqual(before);
  });

  test('the process that waits: an event starts it again', async () => {
    lab.configure(policy(8081));
    lab.guestgate('apply', '--confirm', '10min');
    endWaiting();
    lab.daemonHook('reload');
    await until('it waits again', () => lab.host.sh('cat /run/guestgate/roll-back').trim() !== '');
    expect(edited()).toBe(true);
    expect(lab.guestgate('confirm').status).toBe(0);
  });

  test('the process that waits, and its time is over: an event restores the files, and the rules follow', async () => {
    lab.configure(policy(8081));
    lab.guestgate('apply', '--confirm', '1s');
    lab.host.sh('kill -STOP $(cat /run/guestgate/roll-back); sleep 1.1');
    endWaiting();
    expect(open()).toEqual(after);
    expect(lab.hook(web, 'started').status).toBe(0);
    expect(edited()).toBe(false);
    await until('the change is rolled back', () => !isPending());
    expect(open()).toEqual(before);
  });

  /** The host goes down and comes up: the kernel's rules and /run are gone, and it has booted once more. */
  const reboot = () => {
    endWaiting();
    lab.host.sh(
      `sed -i 's/"boot":"[^"]*"/"boot":"of another boot"/' ${kept}/pending/waiting.json; nft flush ruleset; rm -rf /run/guestgate`,
    );
  };

  test('the host: the first guest that starts after the boot gets the rules of before', async () => {
    lab.configure(policy(8081));
    lab.guestgate('apply', '--confirm', '10min');
    reboot();
    lab.hook(web, 'started');
    expect(edited()).toBe(false);
    expect(open()).toEqual(before);
    await until('nothing waits', () => !isPending());
    expect(open()).toEqual(before);
  });

  test('the host: the replay at boot rolls back first', () => {
    lab.configure(policy(8081));
    lab.guestgate('apply', '--confirm', '10min');
    reboot();
    expect(lab.guestgate('replay')).toMatchObject({ status: 0, stderr: '' });
    expect(isPending()).toBe(false);
    expect(lab.host.read(main)).toBe(policy(8080));
    expect(open()).toEqual(before);
  });

  test('the files were damaged: the change is rolled back at the next command', () => {
    lab.configure(policy(8081));
    lab.guestgate('apply', '--confirm', '10min');
    endWaiting();
    lab.host.write(`${kept}/pending/waiting.json`, '{');
    expect(lab.guestgate('apply').stderr).toContain('rolled back');
    expect(open()).toEqual(before);
  });
});

describe('one change at a time', () => {
  test('nothing else changes the configuration while a change waits, and the error says what to do', () => {
    lab.configure(policy(8081));
    lab.guestgate('apply', '--confirm', '10min');
    for (const command of [
      ['apply'],
      ['apply', '--confirm', '60s'],
      ['publish', 'web', '9090:80'],
      ['unpublish', 'web', '8081'],
    ]) {
      const ran = lab.guestgate(...command);
      expect(ran.status, command.join(' ')).toBe(2);
      expect(ran.stderr).toMatch(/another change waits \d+ seconds.*confirm --roll-back/);
    }
    expect(lab.guestgate('replay').status).toBe(0);
    expect(lab.guestgate('apply', '--dry-run').status).toBe(0);
    expect(open()).toEqual(after);
    lab.guestgate('confirm', '--roll-back');
    expect(open()).toEqual(before);
  });

  test('of two that begin together, one waits and the other is refused', async () => {
    lab.configure(policy(8081));
    const ran = await Promise.all(
      [1, 2].map(() =>
        lab.host.runAside('/usr/bin/guestgate', ['apply', '--confirm', '10min'], { mayFail: true }),
      ),
    );
    expect(ran.map(({ status }) => status).sort()).toEqual([0, 2]);
    lab.guestgate('confirm', '--roll-back');
    expect(open()).toEqual(before);
  });

  test('an apply without a change has nothing to confirm', () => {
    const ran = lab.guestgate('apply', '--confirm', '60s');
    expect(ran).toMatchObject({ status: 0, stderr: expect.stringContaining('nothing to confirm') });
    expect(isPending()).toBe(false);
  });

  test('a mistake is not applied, and nothing waits', () => {
    lab.configure(`${policy(8081)}typo = 1\n`);
    expect(lab.guestgate('apply', '--confirm', '60s')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('without mistakes'),
    });
    expect(isPending()).toBe(false);
    expect(open()).toEqual(before);
  });

  test('without a copy of the configuration in use, apply refuses: it could not roll back', () => {
    lab.host.sh(`rm ${kept}/applied.json`);
    lab.configure(policy(8081));
    expect(lab.guestgate('apply', '--confirm', '60s')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('guestgate apply keeps it'),
    });
    expect(open()).toEqual(before);
  });
});

describe('commands that edit', () => {
  test('publish: the file that it made is gone after the rollback', () => {
    expect(lab.guestgate('publish', 'mail', '8081:80', '--confirm', '10min').status).toBe(0);
    expect(lab.guestgate('confirm', '--roll-back').stdout).toContain('guests.d/mail.toml: rolled back');
    expect(lab.host.sh('ls /etc/guestgate/guests.d')).toBe('mail.toml.rolled-back\n');
    expect(open()).toEqual(before);
  });

  test('what publish wrote and applied without --confirm is kept by a later rollback', () => {
    lab.guestgate('publish', 'web', '8081:80');
    expect(lab.guestgate('unpublish', 'web', '8080', '--confirm', '10min').status).toBe(0);
    expect(open()).toEqual(after);
    lab.guestgate('confirm', '--roll-back');
    expect(open()).toEqual(['ipv4 8080', 'ipv6 8080', 'ipv4 8081', 'ipv6 8081']);
  });

  test('config edit', () => {
    lab.host.sh(`VISUAL='sed -i s/8080/8081/' guestgate config edit --yes --confirm 10min`);
    expect(open()).toEqual(after);
    lab.guestgate('confirm', '--roll-back');
    expect(open()).toEqual(before);
  });

  test('metadata is no file: --confirm is refused for it', () => {
    expect(lab.guestgate('publish', 'web', '81:80', '--metadata', '--confirm', '60s').status).toBe(2);
  });
});

describe('a full disk', () => {
  const full = (folder: string) => `cat /dev/zero >${folder}/.filler 2>/dev/null || true`;
  const disk = (folder: string) =>
    `cp -a ${folder} /tmp/saved; mount -t tmpfs -o size=64k,mode=755 tmpfs ${folder}; cp -a /tmp/saved/. ${folder}; rm -r /tmp/saved`;

  test('before the change: it is refused, and nothing is applied', () => {
    lab.host.sh(disk(kept));
    lab.configure(policy(8081));
    lab.host.sh(full(kept));
    expect(lab.guestgate('apply', '--confirm', '60s')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no space left'),
    });
    expect(isPending()).toBe(false);
    expect(open()).toEqual(before);
    lab.host.sh(`umount ${kept}`);
  });

  test('after the change: it is rolled back, and a confirmed one stays', () => {
    lab.host.sh(`${disk(kept)}; ${disk('/etc/guestgate')}`);
    lab.configure(policy(8081));
    expect(lab.guestgate('apply', '--confirm', '10min').status).toBe(0);
    lab.host.sh(`${full(kept)}; ${full('/etc/guestgate')}`);
    expect(lab.guestgate('confirm', '--roll-back').status).toBe(0);
    expect(lab.host.read(main)).toBe(policy(8080));
    expect(open()).toEqual(before);
    lab.host.sh(`rm ${kept}/.filler /etc/guestgate/.filler`);
    lab.configure(policy(8081));
    lab.guestgate('apply', '--confirm', '10min');
    lab.host.sh(`${full(kept)}; ${full('/etc/guestgate')}`);
    expect(lab.guestgate('confirm').status).toBe(0);
    expect(isPending()).toBe(false);
    lab.host.sh(`umount ${kept} /etc/guestgate`);
    expect(open()).toEqual(after);
  });
});
