import type { Guest } from './host.ts';
import { hideStatus, showStatus, takeDefinition } from './script.ts';

/* What libvirt and commands do at an event, as lines of the script. */

/** @param guest runs afterwards, or does not */
export function guestEvent(guest: Guest, what: string): string[] {
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

export function hostEvent(what: string): string[] {
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
