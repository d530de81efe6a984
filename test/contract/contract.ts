import { describe, expect } from 'vitest';
import { forEachStep, runKilledAt } from '../support/crash.ts';
import { type ForeignRules, libvirtRules, libvirtRules6 } from '../support/foreign-rules.ts';
import {
  client,
  client6,
  type Lab,
  type LabGuest,
  publicAddress,
  publicAddress6,
  secondAddress,
  secondAddress6,
  thirdAddress,
  thirdAddress6,
} from '../support/lab.ts';
import type { LabBackend } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { repositoryPath } from '../support/repository.ts';
import { accessKinds, accessPolicy, askAccess } from './access.ts';
import { others } from './others.ts';
import { ask, type Probe } from './probes.ts';

/*
 * What every back end has to do alike: the same policies, events and packets, and one table of what comes of them. One
 * lab with both families; libvirt's own rules are loaded in each of its ways in turn.
 */

/** How the families are asked. */
const ways = {
  IPv4: {
    own: (guest: LabGuest) => guest.address,
    client,
    other: '198.51.100.3',
    public: publicAddress,
    second: secondAddress,
    third: thirdAddress,
    gateway: '192.168.122.1',
    taken: '192.168.122.99',
  },
  IPv6: {
    own: (guest: LabGuest) => guest.address6,
    client: client6,
    other: '2001:db8:1::3',
    public: publicAddress6,
    second: secondAddress6,
    third: thirdAddress6,
    gateway: 'fd00:122::1',
    taken: 'fd00:122::99',
  },
} as const;
type Trace = (typeof ways)[keyof typeof ways];

const policies = (web: LabGuest, mail: LabGuest) => `
[guest.web]
address = ["${web.address}", "${web.address6}"]
forward = [
  "8080:80", "5353:53/udp", "20-30", "9000-9002:79-81",
  "${thirdAddress}:8443:443", "[${thirdAddress6}]:8443:443",
  { port = 2222, to = 22, from = ["198.51.100.3", "2001:db8:1::3"] },
]
[guest.mail]
address = ["${mail.address}", "${mail.address6}"]
public_address = ["${secondAddress}", "${secondAddress6}"]
absent = "drop"
open = [{ port = 443, from = ["198.51.100.3", "2001:db8:1::3"] }, 22]
`;

/** Who asks for what. */
function questions(way: Trace, mail: LabGuest) {
  const one = (from: string, address: string, port: number, more: Partial<Probe> = {}): Probe => ({
    from,
    address,
    port,
    ...more,
  });
  return {
    'a port of any address': one('client', way.public, 8080),
    'the same over udp': one('client', way.public, 5353, { protocol: 'udp' }),
    'the same at another address': one('client', way.third, 8080),
    'a range that keeps its ports': one('client', way.public, 22),
    'a range that is shifted': one('client', way.public, 9001),
    'a port of one address': one('client', way.third, 8443),
    'the same port elsewhere': one('client', way.public, 8443),
    'a port for others': one('client', way.public, 2222, { source: way.client }),
    'the same from one of them': one('client', way.public, 2222, { source: way.other }),
    'a port that nobody forwards': one('client', way.public, 8081),
    'a whole address': one('client', way.second, 80),
    'the same over udp, whole': one('client', way.second, 53, { protocol: 'udp' }),
    'what any address has, at a whole one': one('client', way.second, 8080),
    'an open port': one('client', way.own(mail), 22),
    'an open port for others': one('client', way.own(mail), 443, { source: way.client }),
    'the same open port from one of them': one('client', way.own(mail), 443, { source: way.other }),
    'a port that is not open': one('client', way.own(mail), 80),
    'from the host': one('host', way.public, 8080),
    'from the host to a port for others': one('host', way.public, 2222),
    'from a guest to another': one('guest3', way.public, 8080),
    'from the guest to itself': one('guest1', way.public, 8080),
    'from a guest to a whole address': one('guest3', way.second, 80),
    "the host's own address on the network": one('guest3', way.gateway, 8080),
    'a guest with an address of its own, going out': one('guest2', way.client, 80),
    'a guest without one, going out': one('guest3', way.client, 80),
  };
}

/** What comes of it: who answers, and which address it sees. */
type Outcome = Record<keyof ReturnType<typeof questions>, string>;

/** While both guests are open. */
function openOutcome(way: Trace): Outcome {
  const web = `guest1 sees ${way.client}`;
  const mail = `guest2 sees ${way.client}`;
  return {
    'a port of any address': web,
    'the same over udp': web,
    'the same at another address': web,
    'a range that keeps its ports': web,
    'a range that is shifted': web,
    'a port of one address': web,
    'the same port elsewhere': 'nobody',
    'a port for others': 'nobody',
    'the same from one of them': `guest1 sees ${way.other}`,
    'a port that nobody forwards': 'nobody',
    'a whole address': mail,
    'the same over udp, whole': mail,
    'what any address has, at a whole one': 'nobody',
    'an open port': mail,
    'an open port for others': 'nobody',
    'the same open port from one of them': `guest2 sees ${way.other}`,
    'a port that is not open': 'nobody',
    'from the host': `guest1 sees ${way.public}`,
    'from the host to a port for others': `guest1 sees ${way.public}`,
    'from a guest to another': `guest1 sees ${way.gateway}`,
    'from the guest to itself': `guest1 sees ${way.gateway}`,
    'from a guest to a whole address': `guest2 sees ${way.gateway}`,
    "the host's own address on the network": 'nobody',
    'a guest with an address of its own, going out': `client sees ${way.second}`,
    'a guest without one, going out': `client sees ${way.public}`,
  };
}

/** While none is: the guests go out, as libvirt masquerades them. */
function closedOutcome(way: Trace): Outcome {
  const nobody = Object.keys(openOutcome(way)).map((name) => [name, 'nobody']);
  return {
    ...(Object.fromEntries(nobody) as Outcome),
    'a guest with an address of its own, going out': `client sees ${way.public}`,
    'a guest without one, going out': `client sees ${way.public}`,
  };
}

/** Names of both families' entries, `IPv6: a whole address`. */
function inBoth<Entry>(entriesOf: (way: Trace) => Readonly<Record<string, Entry>>): Record<string, Entry> {
  const all = Object.entries(ways).flatMap(([family, way]) =>
    Object.entries(entriesOf(way)).map(([name, entry]) => [`${family}: ${name}`, entry] as const),
  );
  return Object.fromEntries(all);
}

/** @param backend the one that is asked for in `[host]` */
export function contract(backend: LabBackend): void {
  const { test, lab, web, mail, plain } = labTest({
    ipv6: true,
    backend,
    guests: ['web', 'mail', 'plain'],
  });
  describe(`contract of ${backend}`, () => {
    test.beforeAll(() => {
      lab.serve('client', 'hello from client');
      lab.configure(policies(web, mail));
    });

    /** Both families at once. */
    const outcomes = () =>
      ask(
        lab,
        inBoth((way) => questions(way, mail)),
      );
    const start = () => {
      for (const guest of [web, mail])
        expect(lab.hook(guest, 'started')).toMatchObject({ status: 0, stdout: '' });
    };
    const stop = () => {
      for (const guest of [web, mail]) lab.end(guest);
    };
    const expectOpen = () => expect(outcomes()).toEqual(inBoth(openOutcome));
    const expectClosed = () => expect(outcomes()).toEqual(inBoth(closedOutcome));
    const expectAgreement = () =>
      expect(lab.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');

    describe.each(kinds)("with libvirt's rules by $name", ({ load, reload, isFirst }) => {
      let before: string;
      test.beforeAll(() => {
        lab.host.sh('conntrack -F 2>/dev/null || true');
        load(lab);
        before = lab.ruleset();
      });
      test.afterAll(() => {
        lab.guestgate('uninstall');
        lab.host.sh(clear);
        lab.reinstall();
      });

      test('closed before the start', expectClosed);

      test('open while the guests run, from each place that may connect', () => {
        start();
        expectOpen();
        expectAgreement();
      });

      test('and again after libvirt has rebuilt its rules', () => {
        reload(lab);
        expect(lab.networkHook('started', lab.networkXml())).toMatchObject({ status: 0, stdout: '' });
        expectOpen();
      });

      test('twice is once', () => {
        const once = lab.ruleset();
        start();
        expect(lab.ruleset()).toBe(once);
      });

      // What confines is the same beside all rules of libvirt's.
      test.for(isFirst ? accessKinds : [])('who speaks with whom: %s', (kind, { onTestFinished }) => {
        lab.host.sh(`ip -n guest1 addr add ${ways.IPv4.taken}/24 dev eth0
          ip -n guest1 addr add ${ways.IPv6.taken}/64 dev eth0 nodad preferred_lft 0`);
        onTestFinished(() => {
          lab.host.sh(`ip -n guest1 addr del ${ways.IPv4.taken}/24 dev eth0
            ip -n guest1 addr del ${ways.IPv6.taken}/64 dev eth0`);
          lab.configure(policies(web, mail));
          lab.guestgate('apply');
        });
        lab.configure(accessPolicy(kind, web));
        expect(lab.guestgate('apply')).toMatchObject({ status: 0, stderr: '' });
        lab.host.sh('ip neigh flush all; for n in 1 3; do ip -n guest$n neigh flush all; done');
        const { found, expected } = askAccess(lab, kind, Object.values(ways), [web, plain]);
        expect(found).toEqual(expected);
        expectAgreement();
      });

      test('closed after the stop, and as if it had never been after uninstall', () => {
        stop();
        expectClosed();
        expectAgreement();
        expect(lab.guestgate('uninstall').status).toBe(0);
        expect(lab.ruleset()).toBe(before);
      });
    });

    describe('without rules of other programs', () => {
      test.beforeAll(() => {
        lab.reinstall();
        // All that iptables' tables can hold is there: nobody's coming makes another chain.
        lab.host.sh(`${bases}; ${drop}`);
      });

      const reached = (port: number, address = publicAddress) =>
        ask(lab, { it: { from: 'client', address, port } }).it;

      /** Hosts of IPv6 find their neighbours first, which may take longer than a probe waits: an echo waits for it. */
      const findNeighbours = () => {
        lab.host.sh(`ping -c1 -W10 ${publicAddress6}`, { in: 'client' });
        lab.host.sh(`ping -c1 -W10 ${web.address6}`);
      };

      test('events in another order give the state of the last one', () => {
        start();
        const ruleset = lab.ruleset();
        lab.hook(web, 'stopped');
        lab.hook(web, 'started');
        lab.hook(mail, 'prepare');
        lab.hook(web, 'reconnect');
        expectAgreement();
        expect(sorted(lab.ruleset())).toBe(sorted(ruleset));
        lab.hook(mail, 'stopped');
        lab.hook(mail, 'release');
        lab.hook(mail, 'release');
        expect([reached(8080), reached(80, secondAddress)]).toEqual([`guest1 sees ${client}`, 'nobody']);
        start();
      });

      test('of two claims the first wins', () => {
        const other = lab.addGuest(`late${backend}`);
        lab.configure(
          `${policies(web, mail)}[guest.${other.name}]\naddress = "${other.address}"\nforward = ["${thirdAddress}:8080:80", "8181:80"]\n`,
        );
        expect(lab.hook(other, 'started').stderr).toContain('is taken by qemu guest "web"');
        expect([reached(8080, thirdAddress), reached(8181)]).toEqual([
          `guest1 sees ${client}`,
          expect.stringContaining(`sees ${client}`),
        ]);
        lab.end(other);
        expect(reached(8181)).toBe('nobody');
        lab.configure(policies(web, mail));
      });

      test('apply changes just what has changed, and ends its connections alone', () => {
        const less = policies(web, mail).replace('"8080:80", ', '"8081:80", ');
        lab.configure(less);
        expect(lab.guestgate('apply').status).toBe(0);
        expect([reached(8080), reached(8081), reached(22)]).toEqual([
          'nobody',
          `guest1 sees ${client}`,
          `guest1 sees ${client}`,
        ]);
        expectAgreement();
        lab.configure(policies(web, mail));
        expect(lab.guestgate('apply').status).toBe(0);
        expectAgreement();
      });

      test('what stays keeps its counters', () => {
        const count = () => /\*:20-30\/tcp -> .* (\d+) ever/.exec(lab.guestgate('status').stdout)?.[1];
        reached(22);
        const counted = Number(count());
        expect(counted).toBeGreaterThan(0);
        lab.configure(policies(web, mail).replace('"8080:80", ', '"8080:80", "8585:80", '));
        lab.guestgate('apply');
        lab.configure(policies(web, mail));
        lab.guestgate('apply');
        expect(Number(count())).toBe(counted);
      });

      test.each(losses)('what another program flushed comes back at the next event: %s', (_, script) => {
        lab.host.sh(script);
        expect(lab.hook(web, 'reconnect')).toMatchObject({ status: 0, stdout: '' });
        expectAgreement();
        findNeighbours();
        expect([reached(8080), reached(80, secondAddress), reached(8080, publicAddress6)]).toEqual([
          `guest1 sees ${client}`,
          `guest2 sees ${client}`,
          `guest1 sees ${client6}`,
        ]);
        lab.host.sh(script);
        lab.daemonHook('reload');
        expectAgreement();
        // All that iptables' tables can hold is there: nobody's coming makes another chain.
        lab.host.sh(`${bases}; ${drop}`);
      });

      test.each(others)('$name comes, restarts and goes', ({ load, remove }) => {
        const expectReached = () =>
          expect([reached(8080), reached(80, secondAddress), reached(8443, thirdAddress)]).toEqual([
            `guest1 sees ${client}`,
            `guest2 sees ${client}`,
            `guest1 sees ${client}`,
          ]);
        lab.daemonHook('reload');
        const before = lab.ruleset();
        load(lab, 'below');
        expectReached();
        remove(lab);
        expectReached();
        load(lab, 'above');
        lab.daemonHook('reload');
        expectReached();
        remove(lab);
        load(lab, 'above');
        lab.hook(web, 'reconnect');
        expectReached();
        expect(reached(2222)).toBe('nobody');
        expectAgreement();
        remove(lab);
        lab.host.sh(drop);
        expect(sorted(lab.ruleset())).toBe(sorted(before));
      });

      test('killed anywhere, replay makes records and kernel agree', () => {
        lab.end(mail);
        const policy = (forward: string) =>
          `[guest.web]\naddress = "${web.address}"\npublic_address = "${secondAddress}"\nforward = [${forward}]\n`;
        const [less, more] = [policy('"8080:80"'), policy('"8080:80", "8686:80"')];
        lab.configure(more);
        lab.guestgate('replay');
        const after = sorted(lab.ruleset());
        const count = forEachStep((step) => {
          lab.configure(less);
          lab.hook(web, 'reconnect');
          lab.configure(more);
          const args = [web.name, 'reconnect', 'begin', '-'];
          const ran = runKilledAt(step, lab, '/etc/libvirt/hooks/qemu', args, lab.xml(web, 'reconnect'));
          expect(lab.guestgate('replay').status).toBe(0);
          expect({ step, ruleset: sorted(lab.ruleset()) }).toEqual({ step, ruleset: after });
          return ran;
        }, 1);
        expect(count).toBeGreaterThanOrEqual(4);
        expect(reached(8686)).toBe(`guest1 sees ${client}`);
        lab.configure(policies(web, mail));
        start();
      });

      test('under Node, which asks programs instead of the kernel, twice is once as well', () => {
        const ruleset = sorted(lab.ruleset());
        const hook = '/etc/libvirt/hooks/qemu.d/50-node.mjs';
        lab.host.sh(`mkdir -p /etc/libvirt/hooks/qemu.d; cp ${repositoryPath('dist/guestgate.mjs')} ${hook}`);
        for (const operation of ['stopped', 'started', 'reconnect']) {
          const args = [hook, web.name, operation, operation === 'stopped' ? 'end' : 'begin', '-'];
          const ran = lab.host.run('node', args, { input: lab.xml(web, operation), mayFail: true });
          expect(ran).toMatchObject({ status: 0, stdout: '' });
        }
        expect(sorted(lab.ruleset())).toBe(ruleset);
        expectAgreement();
      });

      test('a lost record and a lost state: replay makes the same again', () => {
        lab.configure(policies(web, mail));
        lab.guestgate('replay');
        const ruleset = lab.ruleset();
        lab.host.sh('rm -rf /run/guestgate/guests /run/guestgate/claims');
        expect(lab.guestgate('replay').status).toBe(0);
        expect(sorted(lab.ruleset())).toBe(sorted(ruleset));
      });

      test('nothing is left after uninstall', () => {
        expect(lab.guestgate('uninstall').status).toBe(0);
        expect(lab.ruleset()).not.toMatch(/guestgate/i);
      });
    });
  });
}

/** libvirt's rules of a network with both families, in each of its ways. */
const kinds = libvirtRules.map(({ name }, index) => {
  const both: (ForeignRules | undefined)[] = [libvirtRules[index], libvirtRules6[index]];
  // The recorded ones in nftables hold both.
  const chosen = name === 'nftables' ? both.slice(1) : both;
  return {
    name,
    isFirst: index === 0,
    load: (lab: Lab) => {
      for (const rules of chosen) rules?.load(lab);
    },
    reload: (lab: Lab) => {
      for (const rules of chosen) rules?.reload(lab);
    },
  };
});

const tables = ['filter', 'mangle', 'nat'];
const flush = (program: string) => tables.map((table) => `${program} -t ${table} -F`).join('; ');

/** Everybody's rules, in every way. */
const clear = `nft flush ruleset
for p in ip ip6; do for t in ${tables.join(' ')}; do
  if grep -qx $t /proc/net/"$p"_tables_names; then "$p"tables-legacy -t $t -P FORWARD ACCEPT 2>/dev/null || true; "$p"tables-legacy -t $t -F; "$p"tables-legacy -t $t -X; fi
done; done`;

/** As Docker does it; in IPv6 with a rule, since frames of neighbours who look for one another may pass there. */
const drop6 = 'FORWARD ! -p ipv6-icmp -j DROP';
const drop = `iptables -P FORWARD DROP; ip6tables -C ${drop6} 2>/dev/null || ip6tables -A ${drop6}`;

const bases = [
  ['filter', 'INPUT FORWARD OUTPUT'],
  ['mangle', 'PREROUTING INPUT FORWARD OUTPUT POSTROUTING'],
  ['nat', 'PREROUTING INPUT OUTPUT POSTROUTING'],
]
  .map(
    ([table, chains]) =>
      `for c in ${chains}; do iptables -t ${table} -P $c ACCEPT; ip6tables -t ${table} -P $c ACCEPT; done`,
  )
  .join('; ');

const losses: [string, string][] = [
  ['iptables -F', 'iptables -F'],
  ['all tables of iptables', `${flush('iptables')}; ${flush('ip6tables')}`],
  [
    'the whole ruleset',
    `nft flush ruleset; ${flush('iptables')}; ${flush('ip6tables')}; iptables -X; iptables -t nat -X`,
  ],
];

/** Rules of several guests stand in whatever order. */
function sorted(ruleset: string): string {
  return ruleset.split('\n').sort().join('\n');
}
