import type { ReactionTable } from '../src/model/event.ts';

/**
 * libvirt's network driver. Nothing happens at `start`: libvirt adds its chains between `start` and `started`.
 * Hot-plugging an interface runs no guest hook, only `port-created` and `port-deleted`.
 */
export const network: ReactionTable = {
  start: 'nothing',
  started: 'network-up',
  updated: 'network-up',
  stopped: 'network-down',
  'port-created': 'attach',
  'port-deleted': 'detach',
};
