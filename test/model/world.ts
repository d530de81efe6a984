import { guestEvent, hostEvent } from './calls.ts';
import { claimsOf, conflict, overlap } from './claims.ts';
import type { Event, HostEvent, SimpleEvent } from './event.ts';
import { type Guest, Host } from './host.ts';
import { forMetadata, toArgument } from './policy.ts';
import { breakPrograms, definition, faulty, mendPrograms, showStatus, takeDefinition } from './script.ts';

/** How far what happened may be from what the rules hold, and so which event makes them agree. */
const distances = ['agrees', 'an event of a network', 'replay'] as const;
type Distance = (typeof distances)[number];

/** The host as the model sees it, event by event, and the script that makes it so. */
export class World extends Host {
  private distance: Distance = 'agrees';
  /** Whether who came first is known no longer. */
  isForgotten = false;
  private isBroken = false;

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
        // Whether a guest keeps its rules without a lease is left open while it runs.
        if (event.choice === undefined && guest.isRunning) return [];
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

  /** All guests start, one after the other. */
  startAll(): string[] {
    return this.guests.flatMap((_, guest) => this.simple({ do: 'start', guest }));
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
    const lines = apart.map((event) => `( :\n${this.simple(event).join('\n')}\n) &`);
    if (!held) return [...lines, 'wait'];
    return ['together() {', ...lines, 'wait; }', `held together ${apart.length}`];
  }

  private simple(event: SimpleEvent): string[] {
    // What libvirt does when a hook does not do its work differs; `replay` is right in each case.
    if (event.fault !== undefined) this.isFar('replay');
    return faulty(
      event.fault,
      'guest' in event ? guestEvent(this.guest(event.guest), event.do) : hostEvent(event.do),
    );
  }

  private isFar(distance: Distance): void {
    if (distances.indexOf(distance) > distances.indexOf(this.distance)) this.distance = distance;
  }

  private guest(index: number): Guest {
    const guest = this.guests[index % this.guests.length];
    if (guest === undefined) throw new Error(`the model has no guest ${index}`);
    return guest;
  }
}
