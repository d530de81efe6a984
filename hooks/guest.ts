import type { ReactionTable } from '../src/model/event.ts';

/**
 * The operations that libvirt's qemu, lxc and libxl drivers have in common
 * (https://libvirt.org/hooks.html).
 *
 * Open at `started`: at `start` libvirt may not have added its own rules for the network. `reconnect` and `attach`
 * come when the daemon finds a guest running. `release` follows `stopped`: closing again changes nothing.
 * What `migrate` and `restore` print becomes the guest's new XML: nothing is done there, silently.
 */
export const guestReactions: ReactionTable = {
  prepare: 'inspect',
  start: 'restrict',
  started: 'open',
  reconnect: 'open',
  attach: 'open',
  stopped: 'close',
  release: 'close',
  migrate: 'nothing',
  restore: 'nothing',
};
