import type { ReactionTable } from '../src/model/event.ts';

/**
 * The libvirtd daemon. At `start` it has not loaded its firewall rules yet. The `reconnect` of each guest follows and
 * puts guestgate's head rules back above them. At `reload` it finds hooks that were installed since it started, and no
 * `reconnect` follows.
 */
export const daemon: ReactionTable = {
  start: 'tidy',
  reload: 'catch-up',
  shutdown: 'assert',
};
