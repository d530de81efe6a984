import type { Address } from '../model/address.ts';

/** The result of opening a TCP connection. */
export type ProbeResult = 'answered' | 'refused' | 'silent' | 'unreachable';

/** How long a guest on the host's own bridge may take to answer, in milliseconds. */
const patience = 700;

/** Opens a TCP connection from the host itself, and closes it. @param source an address of the host's to send from */
export async function probe(address: Address, port: number, source?: Address): Promise<ProbeResult> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, ...(source !== undefined && { localAddress: source }) });
    const done = (result: ProbeResult) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(patience, () => done('silent'));
    socket.once('connect', () => done('answered'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      done(error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET' ? 'refused' : 'unreachable'),
    );
  });
}
