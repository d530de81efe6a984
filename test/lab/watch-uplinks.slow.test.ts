import { describe, expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { LateUplink, lateAddress, provider } from '../support/late-uplink.ts';
import { until } from '../support/until.ts';

/* What calls no hook and is no rule: uplinks, leases, saved files. Only `guestgate watch` runs; no event helps. */

const labs = firstBackends.map((backend) => ({ backend, ...labTest({ guests: ['web'], backend }) }));

describe.each(labs)('$backend:', ({ test, lab, web }) => {
  const uplink = new LateUplink(lab);
  const succeeds = (script: string) => lab.host.run('sh', ['-ec', script], { mayFail: true }).status === 0;
  const isWatching = () => succeeds('pgrep -x ip >/dev/null && pgrep -fx "/usr/bin/guestgate watch --apply"');
  const adaptations = () => uplink.journal().filter((line) => line.startsWith("the host's addresses"));
  const said = (text: string) => uplink.journal().filter((line) => line.includes(text));
  const configure = (ofWeb: string, rest = '') =>
    lab.configure(`[guest.web]\naddress = "${web.address}"\n${ofWeb}\n${rest}`);

  const startWatcher = async () => {
    lab.host.start('/usr/bin/guestgate', ['watch', '--apply']);
    await until('the watcher watches', isWatching);
  };
  const endWatcher = async () => {
    lab.host.sh('kill -TERM $(cat /run/guestgate/watcher)');
    await until('the watcher has ended', () => !succeeds('pgrep -f "[g]uestgate watch"'));
  };

  test.beforeAll(async () => {
    uplink.prepare();
    configure(`public_address = "${lateAddress}"`);
    lab.hook(web, 'started');
    await startWatcher();
  });

  test('an uplink that comes is used, within a second or so', async () => {
    expect(uplink.leaves()).toEqual([`eth0 as ${lateAddress}`]);
    uplink.comes();
    await until('the guest leaves by it', () => adaptations().length > 0);
    expect(uplink.seen()).toBe(lateAddress);
    expect(lab.fetch('provider', lateAddress, 80)).toContain('hello from guest1');
    expect(adaptations()).toEqual([
      'the host\'s addresses or default routes changed: updated qemu guest "web"',
    ]);
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('failover: the address moves to a second uplink', async () => {
    uplink.goes();
    uplink.comes('ppp1');
    // `status` shows the record, which is written before the kernel's rules: packets tell.
    await until('the guest leaves by it', () => uplink.seen() === lateAddress);
    expect(uplink.leaves()).toEqual([`ppp1 as ${lateAddress}`]);
    uplink.goes();
    uplink.comes();
    await until('and back', () => uplink.seen() === lateAddress);
    expect(uplink.leaves()).toEqual([`ppp0 as ${lateAddress}`]);
  });

  test('an uplink that flaps: few adaptations, and the last state counts', async () => {
    const before = uplink.journal().length;
    const flap = `ip addr del ${lateAddress}/32 dev ppp0; ip addr add ${lateAddress}/32 dev eth0; sleep 0.02
      ip addr del ${lateAddress}/32 dev eth0; ip addr add ${lateAddress}/32 dev ppp0; sleep 0.02`;
    lab.host.sh(`for round in $(seq 100); do ${flap}; done; ip addr del ${lateAddress}/32 dev ppp0
      ip addr add ${lateAddress}/32 dev eth0`);
    await until('the last state is reached', () => uplink.leaves()[0] === `eth0 as ${lateAddress}`);
    expect(uplink.journal().length - before).toBeLessThan(40);
    lab.host.sh(`ip addr del ${lateAddress}/32 dev eth0; ip addr add ${lateAddress}/32 dev ppp0`);
    await until('and back', () => uplink.leaves()[0] === `ppp0 as ${lateAddress}`);
  });

  test('100 changes of a route that no plan reads: nothing is done, nothing is logged', async () => {
    // It takes the lock: what the watcher has logged with it is there then.
    lab.guestgate('apply');
    const before = uplink.journal().length;
    lab.host.sh(
      'for round in $(seq 100); do ip route add 192.0.2.0/24 dev ppp0; ip route del 192.0.2.0/24; done',
    );
    uplink.ip('addr add 203.0.113.77/32 dev ppp0');
    const isNoted = () => lab.host.read('/run/guestgate/uplinks.json').includes('203.0.113.77');
    await until('the watcher has seen the change that came last', isNoted);
    expect(uplink.journal().length).toBe(before);
  });

  test('a saved file is applied if it holds no mistake, and reported once if it does', async () => {
    configure('forward = ["8080:80"]\npublic_address = "203.0.');
    await until('the watcher has seen it', () => said('is not applied').length > 0);
    expect(uplink.seen(), 'nothing was closed').toBe(lateAddress);
    configure('forward = ["8080:80"]', `[network.default]\nsnat = "${lateAddress}"\n`);
    await until('it is open', () => lab.fetch('client', publicAddress, 8080).includes('hello'));
    await until('it is logged', () => said('applied the changed configuration').length > 0);
    expect(said('is not applied')).toHaveLength(1);
    expect(said('applied the changed configuration')).toEqual([
      'watch: applied the changed configuration to qemu guest "web", network "default"',
    ]);
    expect(/you are (\S+)/.exec(lab.fetch('guest1', provider, 80))?.[1]).toBe(lateAddress);
  });

  test('a file that is emptied, and written a second later, closes nothing', async () => {
    const text = lab.host.read('/etc/guestgate/guestgate.toml');
    lab.host.sh(': >/etc/guestgate/guestgate.toml; sleep 1');
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello');
    lab.host.write('/etc/guestgate/guestgate.toml', `${text}# written\n`);
    lab.host.sh('sleep 1');
    expect(said('applied the changed configuration')).toHaveLength(1);
    // Empty it stays: then it is what the administrator means.
    lab.host.sh(': >/etc/guestgate/guestgate.toml');
    await until('it is closed', () => !lab.fetch('client', publicAddress, 8080).includes('hello'));
  });

  test('a lease moves, and no other process than the watcher follows it', async () => {
    lab.host.sh('mkdir -p /var/lib/libvirt/dnsmasq; ip -n guest1 addr add 192.168.122.77/24 dev eth0');
    const lease = (address: string) =>
      lab.host.write(
        '/var/lib/libvirt/dnsmasq/virbr0.status',
        JSON.stringify([
          {
            'ip-address': address,
            'mac-address': web.mac,
            'expiry-time': Math.floor(Date.now() / 1000) + 3600,
          },
        ]),
      );
    lab.end(web);
    lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    lease(web.address);
    lab.hook(web, 'started');
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello');
    lease('192.168.122.77');
    await until('it has moved', () => lab.guestgate('status').stdout.includes('192.168.122.77'));
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello');
    expect(succeeds('pgrep -f "[f]ollow-leases"')).toBe(false);
    await endWatcher();
    await until('a process of its own follows it now', () => succeeds('pgrep -f "[f]ollow-leases"'));
    await startWatcher();
    await until('that process has ended', () => !succeeds('pgrep -f "[f]ollow-leases"'));
    lease(web.address);
    await until('the watcher has moved it', () => lab.guestgate('status').stdout.includes(web.address));
    await endWatcher();
  });
});
