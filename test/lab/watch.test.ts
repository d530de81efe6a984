import { describe, expect } from 'vitest';
import { commandEvents } from '../support/host-events.ts';
import { someOf } from '../support/thoroughness.ts';
import { until } from '../support/until.ts';
import { watchedTest } from '../support/watched-test.ts';

/*
 * What calls no hook: somebody changes the ruleset, and `guestgate watch` puts back what is ours. New connections are
 * opened all the time; that they are answered again is what counts, and no event of a guest is there to help.
 */

const { test, host, web } = watchedTest(10);

describe('answered again, because of the watcher alone, after', () => {
  test.each(
    someOf(
      commandEvents.map((event) => [`${event.software}: ${event.event}`, event] as const),
      6,
    ),
  )('%s', async (_, { happen }) => {
    await host.startAnew();
    const said = host.journal().length;
    await happen(host.lab);
    await until('the watcher has put something back', () => host.journal().length > said);
    await host.probe.look('anew');
    expect(await host.probe.untilOpen()).toMatchObject({ open: true });
    await until('all is as it should be', () => host.agrees());
    for (const line of host.journal().slice(said)) expect(line).toMatch(/^watch: .*: repaired in \d+ ms$/);
  });
});

describe('what it says', () => {
  test.beforeEach(() => host.startAnew());

  /**
   * That the watcher had nothing to say of all that happened so far. It looks at changes in their order, so that its next
   * word, of one that is made now, is the only one.
   */
  const expectSilence = async (said: number) => {
    host.lab.host.sh('iptables -D FORWARD -j GUESTGATE-FORWARD');
    await until('the watcher answers', () => host.journal().length > said);
    await until('all is as it should be', () => host.agrees());
    expect(host.journal().slice(said)).toEqual([expect.stringMatching(accept)]);
  };
  /** Who it was comes in a line of its own: a look that is under way may have found the fault before that line came. */
  const accept =
    /^watch: guestgate's accept rule is not first in iptables FORWARD(, last changed by [^;]+)?: repaired in \d+ ms$/;

  test('what was wrong, and who it was', async () => {
    const said = host.journal().length;
    host.lab.host.sh('iptables -F FORWARD');
    await until('it is put back', () => host.journal().length > said);
    expect(host.journal()[said]).toMatch(
      /^watch: guestgate's accept rule is not first in iptables FORWARD, last changed by iptables \(process \d+.*\): repaired in/,
    );
  });

  test('nothing, where guests start and stop and others change what is not ours', async () => {
    const said = host.journal().length;
    const other = host.lab.addGuest('other', { serve: false });
    host.lab.hook(other, 'started');
    host.lab.end(other);
    host.lab.host.sh('nft add table ip stranger; nft delete table ip stranger');
    await expectSilence(said);
  });

  test.each(
    someOf(
      [
        ['', ''],
        [', and nft takes its time', '#!/bin/sh\nsleep 0.05\nexec /usr/sbin/nft "$@"\n'],
      ] as const,
      1,
    ),
  )('nothing, in a storm of 300 starts and stops%s: it looks when hooks are half-way', async (_, slow) => {
    const said = host.journal().length;
    if (slow !== '') {
      host.lab.host.write('/usr/local/sbin/nft', slow);
      host.lab.host.sh('chmod +x /usr/local/sbin/nft');
    }
    const names = Array.from({ length: 30 }, (_, index) => `storm${index}`);
    const stormy = names.map((name, index) => ({
      ...web,
      name,
      mac: `52:54:00:ee:00:${10 + index}`,
      uuid: `22222222-2222-3333-4444-0000000000${10 + index}`,
    }));
    host.lab.host.write(
      '/etc/guestgate/guests.d/storm.toml',
      names
        .map(
          (name, index) => `[guest.${name}]\naddress = "${web.address}"\nforward = ["${9100 + index}:80"]\n`,
        )
        .join(''),
    );
    for (const guest of stormy) {
      host.lab.host.write(`/tmp/${guest.name}.xml`, host.lab.xml(guest, 'started'));
      host.lab.host.write(`/run/libvirt/qemu/${guest.name}.xml`, host.lab.status(guest));
    }
    const call = (operation: string) =>
      `for n in ${names.join(' ')}; do /etc/libvirt/hooks/qemu $n ${operation} - </tmp/$n.xml & done; wait`;
    for (let round = 0; round < 5; round++)
      await host.lab.host.runAside('sh', [
        '-c',
        `(${call('started begin')}; ${call('stopped end')}) 2>/dev/null`,
      ]);
    host.lab.host.sh(
      'rm -f /usr/local/sbin/nft; rm /run/libvirt/qemu/storm*.xml /etc/guestgate/guests.d/storm.toml',
    );
    await until('all is as it should be', () => host.agrees());
    await expectSilence(said);
  });

  test('a program that keeps fighting is named, with its rule, and is not answered for ever', async () => {
    const said = host.journal().length;
    const told = () => host.journal().slice(said);
    const fight = 'iptables -D FORWARD -j REJECT 2>/dev/null; iptables -I FORWARD -j REJECT; sleep 0.2';
    host.lab.host.start('sh', ['-c', `echo $$ >/tmp/fighter; while :; do ${fight}; done`]);
    await until('it waits longer and longer', () => told().some((line) => line.includes('every 4 s')));
    host.lab.host.sh('kill -KILL $(cat /tmp/fighter); while iptables -D FORWARD -j REJECT; do :; done');
    const fought = told().filter((line) => line.includes('reverted repeatedly'));
    // Between his two commands nothing of his stands there: not every look sees it.
    expect(fought).toContainEqual(
      expect.stringMatching(
        /^watch: rules are being reverted repeatedly; guestgate's accept rule is not first in iptables FORWARD, last changed by iptables \(.*\); above it in iptables FORWARD: -A FORWARD -j REJECT.*; repaired again, from now on at most every \d+ s$/,
      ),
    );
    expect(told().length).toBeLessThan(12);
  });
});

describe('its life', () => {
  test('a second one does not run beside it; SIGTERM ends it, and nothing is left of it', async () => {
    await host.startAnew();
    expect(host.lab.guestgate('watch')).toMatchObject({
      status: 2,
      stderr: 'guestgate: watching: another guestgate watch runs on this host\n',
    });
    expect(await host.endWatcher()).toBe(0);
    await until('nft monitor has ended, too', () => !host.succeeds('pgrep -x nft'));
  });

  test('what changed while no watcher ran is repaired when it starts', async () => {
    host.lab.host.sh('nft flush map ip guestgate forward_any; iptables -D FORWARD -j GUESTGATE-FORWARD');
    await host.startWatcher();
    await host.probe.look('anew');
    await host.probe.untilOpen();
    await until('all is as it should be', () => host.agrees());
  });

  test('uninstall ends it', async () => {
    const ended = host.ended();
    host.lab.guestgate('uninstall');
    expect(await ended).toBe(0);
  });
});
