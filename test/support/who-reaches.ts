import { inSpace, type Probe, probesCommand } from './probe.ts';
import type { Sandbox } from './sandbox.ts';

/** Ways that are asked together: what is asked from each namespace, or from `host`. */
export type Ways = Readonly<Record<string, readonly Probe[]>>;

/**
 * Asks along all ways at the same time, in all namespaces side by side; what drops costs its time once.
 *
 * @returns the ways that were answered, as `web > 198.51.100.2 80`, in their order
 */
export async function answeredWays(host: Sandbox, ways: Ways): Promise<string[]> {
  // What was asked for in vain before is asked for again only after a second.
  const spaces = Object.keys(ways).filter((space) => space !== 'host');
  host.sh(['ip neigh flush all', ...spaces.map((space) => `ip -n ${space} neigh flush all`)].join('\n'));
  const answered = await Promise.all(
    Object.entries(ways).map(async ([from, probes]) => {
      const { stdout } = await host.runAside('sh', ['-ec', probesCommand(probes)], inSpace(from));
      const answers = stdout.split('\0');
      return probes.filter((_, at) => answers[at]?.includes('hello') === true).map((one) => words(from, one));
    }),
  );
  return answered.flat();
}

/** All ways, as `answeredWays` names them. */
export function allWays(ways: Ways): string[] {
  return Object.entries(ways).flatMap(([from, probes]) => probes.map((one) => words(from, one)));
}

function words(from: string, { address, port, over = 'tcp', source }: Probe): string {
  const by = source === undefined ? '' : ` from ${source}`;
  return `${from} > ${address} ${port}${over === 'udp' ? '/udp' : ''}${by}`;
}
