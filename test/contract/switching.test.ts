import { expect } from 'vitest';
import { forEachStep, runKilledAt } from '../support/crash.ts';
import { libvirtRules } from '../support/foreign-rules.ts';
import { client, publicAddress, secondAddress } from '../support/lab.ts';
import type { LabBackend } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { probesCommand } from '../support/probe.ts';
import { isThorough } from '../support/thoroughness.ts';
import { ask } from './probes.ts';

/*
 * From one back end to another while guests run. A client opens connections all the time, and one stays open: none of
 * them notices. Nothing of the old one is left, and what is left is what the new one would have made alone.
 */

const { test, lab, web, mail } = labTest({ backend: 'nftables', guests: ['web', 'mail'] });
test.beforeAll(() => {
  lab.serve('client', 'hello from client');
  lab.host.sh(
    'for t in filter mangle nat; do iptables-legacy -t $t -L -n; ip6tables-legacy -t $t -L -n; done >/dev/null',
  );
  for (const rules of libvirtRules) if (rules.name === 'nftables') rules.load(lab);
  lab.host.sh('iptables-nft -P FORWARD DROP');
});

const policy = () => `[guest.web]
address = "${web.address}"
forward = ["8080:80", "7777:7777"]
allow_from = ["198.51.100.0/24"]
[guest.mail]
address = "${mail.address}"
public_address = "${secondAddress}"
absent = "drop"
`;

const use = (backend: LabBackend) => {
  lab.useBackend(backend);
  lab.configure(policy());
};

const reached = () =>
  ask(lab, {
    forward: { from: 'client', address: publicAddress, port: 8080 },
    whole: { from: 'client', address: secondAddress, port: 80 },
    out: { from: 'guest2', address: client, port: 80 },
    closed: { from: 'client', address: publicAddress, port: 8081 },
  });
const open = {
  forward: `guest1 sees ${client}`,
  whole: `guest2 sees ${client}`,
  out: `client sees ${secondAddress}`,
  closed: 'nobody',
};

const agreement = 'Configuration, running guests and kernel agree.\n';

/** Opens connections until told to stop, and counts those that failed. */
function keepAsking(): () => { asked: number; failed: number } {
  lab.host.sh('rm -f /tmp/stop /tmp/ended /tmp/asked /tmp/failed; touch /tmp/asked /tmp/failed');
  const places = [
    { address: publicAddress, port: 8080 },
    { address: secondAddress, port: 80 },
  ];
  const questions = places.map(
    (place) =>
      `echo x >>/tmp/asked; ${probesCommand([place])} | grep -q hello || echo ${place.address} >>/tmp/failed`,
  );
  const ask = `while [ ! -e /tmp/stop ]; do\n${questions.join('\n')}\ndone; touch /tmp/ended`;
  lab.host.start('sh', ['-c', ask], { in: 'client' });
  lab.host.sh('for i in $(seq 2000); do [ $(wc -l </tmp/asked) -gt 2 ] && exit; sleep 0.05; done; exit 1');
  return () => {
    const lines = (file: string) => Number(lab.host.sh(`wc -l </tmp/${file}`));
    const before = lines('asked');
    lab.host.sh(
      `for i in $(seq 2000); do [ $(wc -l </tmp/asked) -gt ${before + 3} ] && break; sleep 0.05; done
      touch /tmp/stop; for i in $(seq 2000); do [ -e /tmp/ended ] && exit; sleep 0.05; done; exit 1`,
    );
    return { asked: lines('asked'), failed: lines('failed') };
  };
}

test('no moment is closed and nothing is left, from each to each', async () => {
  use('nftables');
  for (const guest of [web, mail]) expect(lab.hook(guest, 'started').status).toBe(0);
  expect(reached()).toEqual(open);
  lab.host.start('socat', ['TCP4-LISTEN:7777,fork,reuseaddr', 'EXEC:cat'], { in: 'guest1' });
  lab.host.sh(
    'for i in $(seq 2000); do ss -Hltn "sport = :7777" | grep -q . && exit; sleep 0.05; done; exit 1',
    {
      in: 'guest1',
    },
  );
  const held = lab.host.start('socat', ['-', `TCP4:${publicAddress}:7777`], { in: 'client' });
  let echoed = '';
  held.stdout?.on('data', (data: Buffer) => {
    echoed += String(data);
  });
  const ended = new Promise((resolve) => held.once('close', resolve));
  lab.host.sh(
    'for i in $(seq 2000); do ss -Htn state established "dport = :7777" | grep -q . && exit; sleep 0.05; done; exit 1',
    { in: 'client' },
  );
  const order: readonly LabBackend[] = isThorough
    ? [
        'iptables-nft',
        'nftables',
        'iptables-legacy',
        'nftables',
        'iptables-legacy',
        'iptables-nft',
        'iptables-legacy',
        'nftables',
      ]
    : ['iptables-nft', 'iptables-legacy', 'nftables'];
  for (const [index, backend] of order.entries()) {
    const from = order[index - 1] ?? 'nftables';
    use(backend);
    expect(lab.guestgate('check').stdout).toContain(
      `made with ${from}, and the configuration asks for ${backend}`,
    );
    const stopAsking = keepAsking();
    const applied = lab.guestgate('apply');
    const { asked, failed } = stopAsking();
    expect({ from, backend, ...applied, failed }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`all rules: from ${from} to ${backend}`),
      failed: 0,
    });
    expect(asked).toBeGreaterThan(5);
    expect({ from, backend, ...reached() }).toEqual({ from, backend, ...open });
    expect(lab.guestgate('check').stdout).toBe(agreement);
    expect({ from, backend, left: leftovers(backend) }).toEqual({ from, backend, left: [] });
    held.stdin?.write(`${backend}\n`);
  }
  held.stdin?.end();
  await ended;
  expect(echoed).toBe(order.map((backend) => `${backend}\n`).join(''));
});

/** What of ours stands where this back end puts nothing. */
function leftovers(backend: LabBackend): string[] {
  const tables = lab.host.sh('nft list tables').split('\n');
  const own = (variant: string) =>
    lab.host
      .sh(`iptables-${variant}-save; ip6tables-${variant}-save`)
      .split('\n')
      .filter((line) => /^-A GUESTGATE|^:GUESTGATE/.test(line));
  const headRules = (lines: string[]) =>
    lines.filter(
      (line) =>
        !/^(:|-A )GUESTGATE-(FORWARD|POSTROUTING|USER) /.test(line) ||
        /-j GUESTGATE-(?!USER$)|--ctstate|xmark/.test(line),
    );
  return [
    ...(backend === 'nftables' ? [] : tables.filter((line) => line.includes('guestgate'))),
    ...(backend === 'iptables-nft' ? [] : headRules(own('nft'))),
    ...(backend === 'iptables-legacy' ? [] : headRules(own('legacy'))),
  ];
}

test('a guest that starts brings the change, too', () => {
  use('iptables-nft');
  expect(lab.hook(web, 'reconnect').status).toBe(0);
  expect(reached()).toEqual(open);
  expect(lab.guestgate('check').stdout).toBe(agreement);
  expect(leftovers('iptables-nft')).toEqual([]);
});

test('killed anywhere on the way, the next event ends it', () => {
  use('nftables');
  lab.end(mail);
  lab.guestgate('replay');
  const count = forEachStep((step) => {
    use('iptables-nft');
    const ran = runKilledAt(step, lab, '/usr/bin/guestgate', ['apply']);
    lab.daemonHook('reload');
    const state = { ...step, check: lab.guestgate('check').stdout };
    // Killed before anything was changed, there is nothing to go on with.
    if (!state.check.includes('the configuration asks for'))
      expect({ ...state, left: leftovers('iptables-nft') }).toEqual({ ...state, check: agreement, left: [] });
    use('nftables');
    expect(lab.guestgate('apply').status).toBe(0);
    return ran;
  }, 1);
  expect(count).toBeGreaterThan(8);
  expect(leftovers('nftables')).toEqual([]);
  lab.hook(mail, 'started');
  expect(reached()).toEqual(open);
});

test('a back end that is not installed is reported, with the fix', () => {
  lab.host.sh('for p in /usr/sbin/iptables*-restore; do mv $p $p.away; done');
  try {
    use('iptables-nft');
    expect(lab.hook(web, 'reconnect').stderr).toContain(
      'is not installed (install the package iptables, or set backend = "nftables" in [host])',
    );
    expect(reached().forward).toBe(open.forward);
  } finally {
    lab.host.sh('for p in /usr/sbin/iptables*-restore.away; do mv $p $(echo $p | sed s/.away//); done');
  }
  use('nftables');
  expect(lab.hook(web, 'reconnect')).toMatchObject({
    status: 0,
    stderr: expect.not.stringContaining('error'),
  });
  expect(lab.guestgate('check').stdout).toBe(agreement);
});

test('what the older tables cannot do is refused, with the reason, and not done by halves', () => {
  const limited = policy().replace('"8080:80"', '{ port = 8080, to = 80, connections = 5 }, "8082:80"');
  lab.useBackend('iptables-legacy');
  lab.configure(limited);
  expect(lab.hook(web, 'reconnect').stderr).toContain(
    '*:8080/tcp is left out: iptables-legacy forgets its connection counts',
  );
  expect(reached().forward).toBe('nobody');
  expect(ask(lab, { other: { from: 'client', address: publicAddress, port: 8082 } }).other).toBe(
    open.forward,
  );
  expect(lab.guestgate('check').stdout).toContain('*:8080/tcp is left out');
  lab.end(web);
  expect(lab.guestgate('check').stdout).toContain('note: guest "web": *:8080/tcp is left out');
  lab.hook(web, 'started');
  lab.useBackend('iptables-nft');
  lab.configure(limited);
  expect(lab.guestgate('apply').status).toBe(0);
  expect(reached()).toEqual(open);
});

test('auto takes nftables where it can, iptables where there is no nft, and stays with it until the next boot', () => {
  lab.guestgate('uninstall');
  lab.reinstall();
  // Without nft nobody has rules of libvirt's in nftables.
  lab.host.sh('nft delete table ip libvirt_network; nft delete table ip6 libvirt_network');
  const auto = () => lab.host.write('/etc/guestgate/guestgate.toml', policy());
  const used = () => (JSON.parse(lab.guestgate('status', '--json').stdout) as { backend?: string }).backend;
  auto();
  lab.hook(web, 'started');
  expect(used()).toBe('nftables');
  lab.guestgate('uninstall');
  lab.reinstall();
  auto();
  lab.host.sh('mv /usr/sbin/nft /usr/sbin/nft.away');
  try {
    lab.hook(web, 'started');
    expect(used()).toBe('iptables-nft');
    expect(reached().forward).toBe(open.forward);
  } finally {
    lab.host.sh('mv /usr/sbin/nft.away /usr/sbin/nft');
  }
  lab.hook(web, 'reconnect');
  expect(used()).toBe('iptables-nft');
  lab.host.sh('rm -rf /run/guestgate');
  lab.guestgate('replay');
  expect(used()).toBe('nftables');
});
