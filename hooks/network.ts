import type { ReactionTable } from '../src/model/event.ts';

/**
 * libvirt's network driver. Never at `start`: libvirt's chains come between it and `started`. Hot-plugging an
 * interface calls no guest hook, only `port-created` and `port-deleted`.
 */
export const network: ReactionTable = {
  start: 'nothing',
  started: 'network-up',
  updated: 'network-up',
  stopped: 'network-down',
  'port-created': 'attach',
  'port-deleted': 'detach',
};
