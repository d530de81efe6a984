import { describe, expect } from 'vitest';
import { whileDelayed } from '../support/delayed.ts';
import { publicAddress } from '../support/lab.ts';
import { type LabBackend, secondBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { statusXml } from '../support/lab-xml.ts';
import { someOf } from '../support/thoroughness.ts';
import { until } from '../support/until.ts';

/*
 * A boot script loads a ruleset that was saved while guests ran: `nft list ruleset` of nftables.service, or
 * `iptables-save` of iptables-persistent. No guest runs then, and /run/guestgate is empty.
 */

const save: Readonly<Record<LabBackend, string>> = {
  nftables: 'nft list ruleset >/tmp/saved; iptables-nft-save >/tmp/saved.ip',
  'iptables-nft': 'iptables-nft-save >/tmp/saved',
  'iptables-legacy': 'iptables-legacy-save >/tmp/saved',
};
const load: Readonly<Record<LabBackend, string>> = {
  nftables: 'nft -f /tmp/saved',
  'iptables-nft': 'iptables-nft-restore </tmp/saved',
  'iptables-legacy': 'iptables-legacy-restore </tmp/saved',
};
const flush = `nft flush ruleset
  for t in filter nat mangle; do iptables-legacy -t $t -F; iptables-legacy -t $t -X; iptables-legacy -t $t -P FORWARD ACCEPT 2>/dev/null || true; done`;

const labs = secondBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'other'], silent: ['other'], backend }),
}));

describe.each(labs)('$backend:', ({ backend, test, lab, web, other }) => {
  let clean: string;
  test.beforeAll(() => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    clean = lab.ruleset();
    expect(lab.hook(web, 'started').status).toBe(0);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from');
    lab.host.sh(save[backend]);
  });

  /** The host boots: empty ruleset and state, no guest, and the boot script. */
  function boot(): void {
    lab.host.sh(`rm -rf /run/guestgate /run/libvirt/qemu/*.xml; ${flush}; ${load[backend]}`);
    expect(lab.fetch('client', publicAddress, 8080), 'the saved forward leads to the old address').toContain(
      'hello from',
    );
  }

  test('check finds the rules, though there is no state', () => {
    boot();
    const { status, stdout } = lab.guestgate('check');
    expect(stdout).toContain(`unexpected rules of the back end ${backend}`);
    expect(status).not.toBe(0);
  });

  test.each(
    someOf(
      [
        ['libvirtd', () => lab.daemonHook('start')],
        ['a network', () => lab.networkHook('started')],
        ['a guest without a policy', () => lab.hook(other, 'prepare')],
        ['replay', () => lab.guestgate('replay')],
      ] as const,
      2,
    ),
  )('%s starts: the rules are removed', (_, event) => {
    boot();
    const { status } = event();
    expect(status).toBe(0);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
    expect(withoutEmptyTables(lab.ruleset())).toBe(withoutEmptyTables(clean));
    expect(lab.guestgate('check').status).toBe(0);
  });

  // It waits for the lock for 6 s, whichever the back end.
  if (backend === 'nftables')
    test('another process holds the lock: the first event gives up waiting, and its own request is done when the lock is free', async () => {
      boot();
      const call = ['/etc/libvirt/hooks/qemu', 'web', 'started', 'begin', '-'];
      lab.host.sh('rm -f /tmp/held; mkdir -p /run/libvirt/qemu');
      lab.host.write('/run/libvirt/qemu/web.xml', statusXml(web));
      const hold = () => {
        // strace follows what the hook starts, too: the lock is free when the hook itself has ended.
        const whileHookRuns = 'touch /tmp/held; while pgrep -x qemu >/dev/null; do sleep 0.05; done';
        lab.host.start('flock', ['/run/guestgate/lock', 'sh', '-c', whileHookRuns]);
        lab.host.sh('for i in $(seq 2000); do [ -e /tmp/held ] && exit; sleep 0.01; done; exit 1');
      };
      const ran = await whileDelayed(lab, call, hold, { input: lab.xml(web, 'started') });
      expect(ran).toMatchObject({ status: 0, stdout: '' });
      expect(ran.stderr).toContain('queued; will be applied when the lock is released');
      await until('its own request is done', () => lab.guestgate('check').status === 0);
      expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from');
      lab.end(web);
      expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
    });

  test('the guest of the forward starts: its own rules are there, once', () => {
    boot();
    expect(lab.hook(web, 'started').status).toBe(0);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from');
    expect(lab.guestgate('check').status).toBe(0);
    lab.end(web);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
  });
});

/** A saved ruleset brings tables of iptables, and base chains that accept: they belong to the program that loads it. */
function withoutEmptyTables(ruleset: string): string {
  return ruleset
    .split('\n')
    .filter((line) => /guestgate/i.test(line))
    .join('\n');
}
