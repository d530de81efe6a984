import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends, Lab, type LabBackend, type LabGuest, publicAddress } from '../support/lab.ts';

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

describe.each(backends)('%s:', (backend) => {
  let lab: Lab;
  let web: LabGuest;
  let other: LabGuest;
  let clean: string;
  beforeAll(async () => {
    lab = await Lab.create({ backend });
    [web, other] = [lab.addGuest('web'), lab.addGuest('other', { serve: false })];
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    clean = lab.ruleset();
    expect(lab.hook(web, 'started').status).toBe(0);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from');
    lab.host.sh(save[backend]);
  });
  afterAll(() => lab.destroy());

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

  test.each([
    ['libvirtd', () => lab.daemonHook('start')],
    ['a network', () => lab.networkHook('started')],
    ['a guest without a policy', () => lab.hook(other, 'prepare')],
    ['replay', () => lab.guestgate('replay')],
  ])('%s starts: the rules are removed', (_, event) => {
    boot();
    const { status } = event();
    expect(status).toBe(0);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
    expect(withoutEmptyTables(lab.ruleset())).toBe(withoutEmptyTables(clean));
    expect(lab.guestgate('check').status).toBe(0);
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
