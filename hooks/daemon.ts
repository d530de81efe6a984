import type { ReactionTable } from '../src/model/event.ts';

/**
 * libvirtd itself. At `start` it has not loaded its firewall rules yet: `reconnect` of each guest, later, puts
 * our head rules back above them.
 */
export const daemon: ReactionTable = {
  start: 'tidy',
  reload: 'assert',
  shutdown: 'assert',
};
