import type { ChildProcess } from 'node:child_process';
import { libvirtRules } from '../support/foreign-rules.ts';
import { echoAt, Probe } from '../support/gap-probe.ts';
import { Lab, type LabGuest, publicAddress } from '../support/lab.ts';
import { defaultNetworkXml } from '../support/lab-xml.ts';
import { until } from '../support/until.ts';

/*
 * What changes between two events, and is no change of rules by another program: leases, reservations, ports that come free, a boot,
 * uplinks. The guest has its address by DHCP.
 */

const port = 7777;
const dnsmasq = '/var/lib/libvirt/dnsmasq';
/** 192.168.122.NUMBER */
const at = (number: number) => `192.168.122.${number}`;

class ChangingHost {
  readonly lab: Lab;
  readonly web: LabGuest;
  readonly old: LabGuest;
  private ends = Math.floor(Date.now() / 1000) + 3600;

  constructor(lab: Lab) {
    this.lab = lab;
    this.web = lab.addGuest('web');
    this.old = lab.addGuest('old');
    lab.host.sh(`mkdir -p ${dnsmasq}`);
    libvirtRules[0]?.load(lab);
    for (const space of ['guest1', 'guest2']) echoAt(lab.host, space, 7);
  }

  /** What dnsmasq writes when it gives, or renews, the guest's lease. */
  lease(number: number): void {
    const entries = [
      { 'ip-address': at(number), 'mac-address': this.web.mac, 'expiry-time': ++this.ends },
      { 'ip-address': this.old.address, 'mac-address': this.old.mac, 'expiry-time': this.ends },
    ];
    this.lab.host.write(`${dnsmasq}/virbr0.status.new`, JSON.stringify(entries));
    this.lab.host.sh(`mv ${dnsmasq}/virbr0.status.new ${dnsmasq}/virbr0.status`);
  }

  /** The guest has this address, and no other. */
  take(number: number): void {
    const [ip, dev] = ['ip -n guest1', 'dev eth0'];
    this.lab.host.sh(
      `${ip} addr flush ${dev}; ${ip} addr add ${at(number)}/24 ${dev}; ${ip} route add default via ${at(1)}`,
    );
  }

  reserve(number: number): void {
    const entry = `<host mac='${this.web.mac}' ip='${at(number)}'/>`;
    this.lab.host.write(
      '/run/libvirt/network/default.xml',
      defaultNetworkXml.replace('<range ', `${entry}<range `),
    );
    this.lab.host.write(`${dnsmasq}/default.hostsfile`, `${this.web.mac},${at(number)}\n`);
  }

  start(guest: LabGuest): void {
    for (const operation of ['prepare', 'start', 'started']) this.lab.hook(guest, operation);
  }

  /** Only the guest `web` runs, at its first lease. */
  startAnew(): void {
    for (const guest of [this.web, this.old]) this.lab.end(guest);
    this.lab.host.write('/run/libvirt/network/default.xml', defaultNetworkXml);
    this.lab.host.sh(`rm -f ${dnsmasq}/*`);
    this.lab.configure(
      `[guest.web]\nforward = ["${port}:7/udp"]\n[guest.old]\nforward = ["${port}:7/udp"]\n`,
    );
    this.take(41);
    this.start(this.web);
    this.lease(41);
  }
}

const away = 0.2;

const events: readonly (readonly [
  program: string,
  event: string,
  happen: (host: ChangingHost) => unknown,
])[] = [
  ['DHCP', 'a lease is renewed', (host) => host.lease(41)],
  [
    'DHCP',
    'the guest gets a lease of another address',
    (host) => {
      host.take(77);
      host.lease(77);
    },
  ],
  [
    'DHCP',
    'all leases are lost, and the guest asks again',
    (host) => {
      host.lab.host.write(`${dnsmasq}/virbr0.status`, '');
      host.lease(41);
    },
  ],
  ['DHCP', 'an address is reserved for the running guest', (host) => host.reserve(60)],
  [
    'guests',
    'a guest stops, and another one that runs gets its port',
    (host) => {
      host.start(host.old);
      host.lab.end(host.web);
    },
  ],
  [
    'boot',
    'a saved ruleset is loaded, then the guest starts',
    (host) => {
      host.lab.host.sh(`for family in ip ip6; do nft list table $family guestgate 2>/dev/null || true; done >/tmp/saved
        iptables-save >/tmp/saved-iptables; rm -rf /run/guestgate /run/libvirt/qemu/*.xml
        nft flush ruleset; nft -f /tmp/saved; iptables-restore </tmp/saved-iptables`);
      host.start(host.web);
      host.lease(41);
    },
  ],
  [
    'uplinks',
    `the uplink is down for ${away * 1000} ms`,
    (host) => host.lab.host.sh(`ip link set eth0 down; sleep ${away}; ip link set eth0 up`),
  ],
  [
    'uplinks',
    `the address is away for ${away * 1000} ms`,
    (host) =>
      host.lab.host.sh(
        `ip addr del ${publicAddress}/24 dev eth0; sleep ${away}; ip addr add ${publicAddress}/24 dev eth0`,
      ),
  ],
  [
    'uplinks',
    'the address moves to another interface',
    (host) =>
      host.lab.host.sh(`ip link show spare >/dev/null 2>&1 || ip link add spare type veth peer name spare2; ip link set spare up
        ip addr add ${publicAddress}/32 dev spare; ip addr del ${publicAddress}/24 dev eth0
        ip addr add 198.51.100.9/24 dev eth0`),
  ],
];

/** How long the follower of leases and the watcher may take, in milliseconds. */
const aftermath = 1500;

/** @returns the longest gap at each event, in milliseconds */
export async function measureChanges(watched: boolean): Promise<Map<string, number>> {
  const host = new ChangingHost(await Lab.create());
  let watcher: ChildProcess | undefined;
  host.startAnew();
  if (watched) watcher = host.lab.host.start('/usr/bin/guestgate', ['watch']);
  const probe = new Probe(host.lab.host, publicAddress, port, 5);
  const gaps = new Map<string, number>();
  for (const [program, event, happen] of events) {
    host.startAnew();
    await until('guestgate follows', () => host.lab.guestgate('check').status === 0);
    await probe.untilOpen();
    await probe.look('anew');
    await happen(host);
    await new Promise((resolve) => setTimeout(resolve, aftermath));
    gaps.set(`${program} | ${event}`, (await probe.untilOpen()).gap);
  }
  probe.end();
  watcher?.kill();
  await host.lab.destroy();
  return gaps;
}
