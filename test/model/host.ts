import { type LabGuest, labGuest } from '../support/lab-guest.ts';
import { effectivePolicy } from './claims.ts';
import type { ConfinedGuest } from './confinement.ts';
import type { GuestSetup, Life } from './event.ts';
import type { RunningGuest } from './expected.ts';
import { forMetadata, type Policy, toToml } from './policy.ts';
import { definition, hostFiles, takeDefinition, writeFile } from './script.ts';

export interface Guest {
  readonly lab: LabGuest;
  readonly kind: GuestSetup['kind'];
  defined: Policy | undefined;
  live: Policy | undefined;
  isRunning: boolean;
  /** Which of its addresses a lease or a reservation gives it. */
  choice: number | undefined;
}

export type ModelBackend = 'nftables' | 'iptables';

/** What is on the host: the guests, the files, and the addresses that DHCP gives. */
export class Host {
  readonly guests: readonly Guest[];
  readonly files = new Map<string, Policy>();
  backend: ModelBackend;

  constructor(life: Life, backend: ModelBackend) {
    this.backend = backend;
    this.guests = life.guests.map(({ kind, metadata }, at) => ({
      lab: labGuest(`g${at + 1}`, at + 1),
      kind,
      defined: metadata && forMetadata(metadata),
      live: undefined,
      isRunning: false,
      choice: 0,
    }));
    for (const [at, { file }] of life.guests.entries())
      if (file !== undefined) this.files.set(`g${at + 1}`, file);
  }

  /** Before the first event. */
  begin(): string[] {
    return [
      hostFiles(this.guests.map(({ lab }) => lab)),
      this.hostFile(),
      this.leaseFiles(),
      ...this.guests.map(({ lab, defined }) => definition(lab, defined)),
      ...this.guests.map(({ lab }) => takeDefinition(lab.name)),
      ...this.guests.map((guest) => this.guestFile(guest)),
    ];
  }

  /** What runs, with the policies that count. */
  running(): RunningGuest[] {
    return this.guests.flatMap((guest) => {
      const { name } = guest.lab;
      const policy = effectivePolicy(name, this.files, guest.live);
      const address = this.addressOf(guest);
      return guest.isRunning && policy !== undefined && address !== undefined
        ? [{ name, address, policy }]
        : [];
    });
  }

  /** What runs, and what its policy confines: also without a known address. */
  confined(): (ConfinedGuest & { readonly possible: readonly string[] })[] {
    return this.guests.flatMap((guest) => {
      const policy = guest.isRunning ? effectivePolicy(guest.lab.name, this.files, guest.live) : undefined;
      if (policy === undefined) return [];
      return [
        { tap: guest.lab.tap, address: this.addressOf(guest), policy, possible: this.addressesOf(guest) },
      ];
    });
  }

  absent(): string[] {
    const addresses = [...this.files.values()].flatMap(({ publicAddress, absent }) =>
      publicAddress !== undefined && absent === 'drop' ? [publicAddress] : [],
    );
    return [...new Set(addresses)].sort();
  }

  /** A guest's possible addresses. */
  addressesOf({ lab }: Guest): readonly [string, string] {
    return [lab.address, lab.address.replace('.122.', '.122.1')];
  }

  protected guestFile({ lab, kind }: Guest): string {
    const path = `/etc/guestgate/guests.d/${lab.name}.toml`;
    const policy = this.files.get(lab.name);
    if (policy === undefined) return `rm -f ${path}`;
    return writeFile(path, toToml(lab.name, policy, kind === 'fixed' ? lab.address : undefined));
  }

  protected hostFile(): string {
    return writeFile('/etc/guestgate/guestgate.toml', `[host]\nbackend = "${this.backend}"`);
  }

  protected leaseFiles(): string {
    const known = (kind: string) =>
      this.guests.flatMap((guest) => {
        const address = guest.kind === kind ? this.addressOf(guest) : undefined;
        return address === undefined ? [] : [{ mac: guest.lab.mac, address }];
      });
    const leases = known('leased').map(({ mac, address }) => ({
      'ip-address': address,
      'mac-address': mac,
      'expiry-time': 4102444800,
    }));
    const folder = '/var/lib/libvirt/dnsmasq';
    return [
      writeFile(`${folder}/virbr0.status`, JSON.stringify(leases)),
      writeFile(
        `${folder}/default.hostsfile`,
        known('reserved')
          .map(({ mac, address }) => `${mac},${address}`)
          .join('\n'),
      ),
    ].join('\n');
  }
  protected addressOf(guest: Guest): string | undefined {
    if (guest.kind === 'fixed') return this.files.has(guest.lab.name) ? guest.lab.address : undefined;
    return guest.choice === undefined ? undefined : this.addressesOf(guest)[guest.choice];
  }
}
