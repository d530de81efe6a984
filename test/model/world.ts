import { type LabGuest, labGuest } from '../support/lab-guest.ts';
import { claimsOf, conflict, effectivePolicy, overlap } from './claims.ts';
import type { Event, GuestSetup, HostEvent, Life, SimpleEvent } from './event.ts';
import type { RunningGuest } from './expected.ts';
import { forMetadata, type Policy, toArgument, toToml } from './policy.ts';
import {
  breakPrograms,
  definition,
  faulty,
  hideStatus,
  hostFiles,
  mendPrograms,
  showStatus,
  takeDefinition,
  writeFile,
} from './script.ts';

interface Guest {
  readonly lab: LabGuest;
  readonly kind: GuestSetup['kind'];
  defined: Policy | undefined;
  live: Policy | undefined;
  isRunning: boolean;
  /** Which of its addresses a lease or a reservation gives it. */
  choice: number | undefined;
}

export type ModelBackend = 'nftables' | 'iptables';

/** How far what happened may be from what the rules hold, and so which event makes them agree. */
const distances = ['agrees', 'an event of a network', 'replay'] as const;
type Distance = (typeof distances)[number];

/** The host as the model sees it: what runs, what the files say, and the script that made it so. */
export class World {
  readonly guests: readonly Guest[];
  readonly files = new Map<string, Policy>();
  backend: ModelBackend;
  private distance: Distance = 'agrees';
  /** Whether who came first is known no longer. */
  isForgotten = false;
  private isBroken = false;

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

  /** What happens, as lines of the script. */
  step(event: Event): string[] {
    switch (event.do) {
      case 'together':
        return this.together(event.events, event.held);
      case 'write the file': {
        const guest = this.guest(event.guest);
        if (event.policy === undefined) this.files.delete(guest.lab.name);
        else this.files.set(guest.lab.name, event.policy);
        this.isFar('replay');
        return [this.guestFile(guest)];
      }
      case 'define the metadata': {
        const guest = this.guest(event.guest);
        guest.defined = event.policy && forMetadata(event.policy);
        return [definition(guest.lab, guest.defined)];
      }
      case 'change live metadata': {
        const guest = this.guest(event.guest);
        guest.defined = event.policy && forMetadata(event.policy);
        if (!guest.isRunning) return [definition(guest.lab, guest.defined)];
        guest.live = guest.defined;
        this.isFar('replay');
        const { name } = guest.lab;
        return [definition(guest.lab, guest.defined), takeDefinition(name), showStatus(name)];
      }
      case 'publish': {
        const { name } = this.guest(event.guest).lab;
        const policy = this.files.get(name);
        if (policy === undefined || this.isBroken) return [];
        const { from: _, ...forward } = event.forward;
        if (policy.forward.some((own) => overlap(own, forward))) return [];
        const [claim] = claimsOf(name, { ...policy, forward: [forward], publicAddress: undefined });
        const others = [...this.files].flatMap(([other, file]) =>
          other === name ? [] : claimsOf(other, file),
        );
        const isRefused = claim !== undefined && others.some((other) => conflict(other, claim));
        if (!isRefused) this.files.set(name, { ...policy, forward: [...policy.forward, forward] });
        return [`${isRefused ? 'refused' : 'command'} publish ${name} ${toArgument(forward)}`];
      }
      case 'unpublish': {
        const { name } = this.guest(event.guest).lab;
        const policy = this.files.get(name);
        const forward = policy?.forward[event.which];
        if (policy === undefined || forward === undefined || this.isBroken) return [];
        this.files.set(name, { ...policy, forward: policy.forward.filter((own) => own !== forward) });
        return [`command unpublish ${name} ${toArgument(forward)}`];
      }
      case 'lease': {
        const guest = this.guest(event.guest);
        if (guest.kind === 'fixed') return [];
        guest.choice = event.choice;
        this.isFar('replay');
        return [this.leaseFiles()];
      }
      case 'switch the back end':
        this.backend = this.backend === 'nftables' ? 'iptables' : 'nftables';
        this.isFar('replay');
        return [this.hostFile()];
      case 'lose the state':
        this.isForgotten = true;
        this.isFar('replay');
        return ['rm -rf /run/guestgate'];
      case 'foreign':
        this.isFar('an event of a network');
        return [`foreign '${event.change}'`];
      case 'break':
        this.isBroken = true;
        this.isFar('replay');
        return [breakPrograms(event.how)];
      default:
        return this.simple(event);
    }
  }

  /** The program works again, and one event, or `replay`, makes rules and records agree. */
  close(wanted: HostEvent['do']): string[] {
    const enough = this.distance === 'agrees' || (this.distance !== 'replay' && wanted.startsWith('network'));
    const event = enough ? wanted : 'replay';
    this.distance = 'agrees';
    this.isBroken = false;
    return [mendPrograms, ...this.simple({ do: event })];
  }

  /** After it, nothing runs. */
  end(): string[] {
    return this.guests.flatMap((_, guest) => this.simple({ do: 'stop', guest }));
  }

  /** libvirt calls the hooks of one guest one after the other; those of its ports may come at the same time. */
  private together(events: readonly SimpleEvent[], held: boolean): string[] {
    const guests = new Set<number>();
    const apart = events.filter((event) => {
      if (!('guest' in event) || event.do === 'change of a link' || event.do === 'a late port') return true;
      const isFirst = !guests.has(event.guest);
      guests.add(event.guest);
      return isFirst;
    });
    const lines = apart.map((event) => `(\n${this.simple(event).join('\n')}\n) &`);
    if (!held) return [...lines, 'wait'];
    return ['together() {', ...lines, 'wait; }', `held together ${apart.length}`];
  }

  private simple(event: SimpleEvent): string[] {
    // What libvirt does when a hook does not do its work differs; `replay` is right in each case.
    if (event.fault !== undefined) this.isFar('replay');
    return faulty(
      event.fault,
      'guest' in event ? this.guestEvent(event.do, event.guest) : hostEvent(event.do),
    );
  }

  private guestEvent(what: string, index: number): string[] {
    const guest = this.guest(index);
    const { name } = guest.lab;
    const hooks = (...operations: string[]) => operations.map((operation) => `hook ${name} ${operation}`);
    const stop = () => {
      guest.isRunning = false;
      return [...hooks('stopped', 'release'), hideStatus(name)];
    };
    const start = () => {
      if (guest.isRunning) return [];
      guest.isRunning = true;
      guest.live = guest.defined;
      return [takeDefinition(name), ...hooks('prepare', 'start'), showStatus(name), ...hooks('started')];
    };
    switch (what) {
      case 'start':
        return start();
      case 'stop':
        return stop();
      case 'stop, with a replay in between':
        guest.isRunning = false;
        return [...hooks('stopped'), 'command replay', ...hooks('release'), hideStatus(name)];
      case 'stopped twice':
        return [...stop(), ...hooks('release', 'stopped')];
      case 'restart':
        return [...stop(), ...start()];
      case 'started again':
        return [...start(), ...hooks('started', 'prepare')];
      case 'reconnect':
        return guest.isRunning ? hooks('reconnect') : [];
      case 'change of a link':
        return guest.isRunning
          ? [`network port-created begin port-${name}`, `network port-deleted begin port-${name}`]
          : [];
      case 'a late port':
        return guest.isRunning ? [] : [`network port-created begin port-${name}`];
      default:
        throw new Error(`the model does not know the event "${what}"`);
    }
  }

  private isFar(distance: Distance): void {
    if (distances.indexOf(distance) > distances.indexOf(this.distance)) this.distance = distance;
  }

  private guest(index: number): Guest {
    const guest = this.guests[index % this.guests.length];
    if (guest === undefined) throw new Error(`the model has no guest ${index}`);
    return guest;
  }

  private addressOf(guest: Guest): string | undefined {
    if (guest.kind === 'fixed') return this.files.has(guest.lab.name) ? guest.lab.address : undefined;
    return guest.choice === undefined ? undefined : this.addressesOf(guest)[guest.choice];
  }

  private hostFile(): string {
    return writeFile('/etc/guestgate/guestgate.toml', `[host]\nbackend = "${this.backend}"`);
  }

  private guestFile({ lab, kind }: Guest): string {
    const path = `/etc/guestgate/guests.d/${lab.name}.toml`;
    const policy = this.files.get(lab.name);
    if (policy === undefined) return `rm -f ${path}`;
    return writeFile(path, toToml(lab.name, policy, kind === 'fixed' ? lab.address : undefined));
  }

  private leaseFiles(): string {
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
}

function hostEvent(what: string): string[] {
  switch (what) {
    case 'network updated':
      return ['network updated begin network'];
    case 'network restarted':
      return ['network stopped end network', 'network start begin network', 'network started begin network'];
    case 'daemon start':
      return ['daemon start - start'];
    case 'daemon reload':
      return ['daemon reload begin SIGHUP'];
    case 'daemon shutdown':
      return ['daemon shutdown - shutdown'];
    default:
      return [`command ${what}`];
  }
}
