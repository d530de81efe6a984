import type { LibvirtNetwork } from '../events/network.ts';
import type { NetworkElement } from '../model/element.ts';
import { isInterfaceName } from '../model/interface-name.ts';

/** What a network needs in the kernel, whichever guests are on it. */
export function networkElements({
  bridge,
  gateways,
}: Pick<LibvirtNetwork, 'bridge' | 'gateways'>): NetworkElement[] {
  return [
    ...(bridge === undefined || !isInterfaceName(bridge) ? [] : [{ kind: 'hairpin' as const, bridge }]),
    ...gateways.flatMap(({ address }) =>
      address.includes(':') ? [] : [{ kind: 'gateway' as const, address }],
    ),
  ];
}
