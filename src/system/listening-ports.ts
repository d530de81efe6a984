import { type Address, contains, parseAddress } from '../model/address.ts';
import type { Listener } from './listeners.ts';
import { readListeners } from './listeners.ts';

/** A port on which others can reach the host itself. */
export interface ListeningPort extends Pick<Listener, 'protocol' | 'port'> {
  /** Undefined: at every address of the host. */
  readonly address?: Address;
}

/** Without the processes that listen: looking for these takes long on a host with many of them. */
export function listeningPorts(): ListeningPort[] {
  return readListeners().flatMap(({ protocol, port, address }) => {
    if (contains('127.0.0.0/8', address) || address === '::1') return [];
    // A socket of ::, or of one interface, may answer in both families.
    const isAnywhere = address === '0.0.0.0' || address === '::';
    const mapped = address.startsWith('::ffff:') ? parseAddress(address.slice('::ffff:'.length)) : undefined;
    return [{ protocol, port, ...(!isAnywhere && { address: mapped ?? address }) }];
  });
}
