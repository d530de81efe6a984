import { readHostState } from '../state/host-state.ts';
import { bridgedFramesSetting, sysctl } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import type { Check, HostFinding } from './check.ts';

const setting = bridgedFramesSetting('ip');

/**
 * Where bridged frames pass iptables, a FORWARD policy of DROP also separates guests of one bridge
 * (Documentation/networking/bridge.rst; libvirt's wiki, "Net.bridge.bridge-nf-call and sysctl.conf").
 *
 * @param value of the setting; undefined: br_netfilter is not loaded
 * @param listing `iptables -S FORWARD`
 */
export function judgeBridgeFilter(value: string | undefined, listing: string): HostFinding[] {
  if (value !== '1' || !/^-P FORWARD (DROP|REJECT)$/m.test(listing)) return [];
  return [
    {
      severity: 'something',
      subject: setting,
      problem: 'it is 1, and the policy of FORWARD is DROP: guests on one bridge cannot reach each other',
      fix: `sysctl -w ${setting}=0`,
    },
  ];
}

/** guestgate adds accepts for Xen's guests there: see `antispoof-accepts.ts`. */
export const bridgeFilter: Check = ({ records }) => {
  const nics = records.flatMap(({ guest }) => guest.nics);
  if (nics.length > 0 && nics.every(({ vif }) => vif !== undefined)) return [];
  const admitted = bridgesAdmitted();
  // A network that lets guests out lets them reach each other there, too.
  if (admitted.length > 0 && nics.every(({ bridge }) => bridge !== undefined && admitted.includes(bridge)))
    return [];
  return judgeBridgeFilter(
    sysctl(setting),
    tryListing({ program: 'iptables', args: ['-w', '3', '-S', 'FORWARD'] }) ?? '',
  );
};

function bridgesAdmitted(): string[] {
  return Object.values(readHostState().networks)
    .flat()
    .flatMap((one) => (one.kind === 'routed' && one.bridge === one.interface ? [one.bridge] : []));
}
