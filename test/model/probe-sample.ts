import type { Lab } from '../support/lab.ts';
import { type Kernel, type Packet, untouched } from './packet.ts';
import { hostAddresses, pointsFor } from './points.ts';
import type { World } from './world.ts';

/** Real packets, for some of what the rules say: those that lead to a server of a guest, and those that are dropped. */
export function probeSample(lab: Lab, expected: Kernel, world: World, seed: number): string[] {
  const { ports } = pointsFor([]);
  const packets = ports.flatMap((port) =>
    hostAddresses.flatMap((address) =>
      ['198.51.100.2', '198.51.100.3'].map((source): Packet => ({ protocol: 'tcp', source, address, port })),
    ),
  );
  const hidden = world
    .confined()
    .flatMap(({ policy, possible }) => (policy.confinement?.kind === 'host' ? possible : []));
  const interesting = packets.filter((packet) => {
    const way = expected.translate(packet);
    const [address] = way.split(':');
    // Whom the host alone reaches does not answer: what its address is translated to does not say that.
    if (hidden.includes(address ?? '')) return false;
    return way !== untouched && (!way.includes(':') || /:(80|443)$/.test(way));
  });
  const step = Math.max(1, Math.floor(interesting.length / 4));
  const sample = interesting.filter((_, at) => (at + seed) % step === 0).slice(0, 6);
  if (sample.length === 0) return [];
  const answers = lab.probe('client', sample);
  return sample.flatMap((packet, at) => {
    const [address] = expected.translate(packet).split(':');
    const guest = world.guests.find((one) => world.addressesOf(one).includes(address ?? ''));
    const answer = answers[at] ?? '';
    const space = guest?.lab.tap.replace('vnet', 'guest');
    const isRight =
      space === undefined
        ? !answer.includes('hello')
        : answer === `hello from ${space}, you are ${packet.source}`;
    return isRight
      ? []
      : [
          `a packet of ${packet.source} to ${packet.address}:${packet.port}: "${answer}", expected ${space ?? 'no answer'}`,
        ];
  });
}
