import type { ReactionTable } from '../src/model/event.ts';

/**
 * The operations that libvirt's qemu, lxc and libxl drivers share (https://libvirt.org/hooks.html).
 *
 * Rules are added at `started`: at `start`, libvirt may not have added its own rules for the network yet. libvirtd
 * calls `reconnect` and `attach` when it finds a running guest. `release` follows `stopped`: a second removal changes
 * nothing. libvirt reads the guest's new XML from the output of `migrate` and `restore`, so both do and print nothing.
 */
export const guestReactions: ReactionTable = {
  prepare: 'inspect',
  start: 'restrict',
  started: 'open',
  reconnect: 'reopen',
  attach: 'reopen',
  stopped: 'close',
  release: 'close',
  migrate: 'nothing',
  restore: 'nothing',
};
