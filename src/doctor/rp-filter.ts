import { familyOf } from '../model/address.ts';
import { isAny } from '../model/host-address.ts';
import { interfaceSetting } from '../system/host.ts';
import { defaultRouteInterface } from '../system/uplinks.ts';
import type { Check, HostFinding } from './check.ts';
import { hostAddressesOf } from './guests-of.ts';
import { defaultRouteInterfaces, insideOf, uplinksOf } from './uplinks.ts';

/** A public interface of the host's, and the kernel's check of source addresses on it. */
export interface PublicInterface {
  readonly name: string;
  /** 0 none, 1 strict, 2 loose. */
  readonly all: string | undefined;
  readonly own: string | undefined;
}

/**
 * A strict check (RFC 3704, 2.2) drops packets that arrive by another interface than the route back uses: on the second of
 * two uplinks all packets but those of neighbours. The larger of the two settings counts (ip-sysctl.rst, rp_filter).
 *
 * @param defaultRoute the interface that answers leave by
 */
export function judgeReversePath(
  interfaces: readonly PublicInterface[],
  defaultRoute: string | undefined,
): HostFinding[] {
  return interfaces
    .filter(({ name, all, own }) => name !== defaultRoute && Math.max(Number(all), Number(own)) === 1)
    .map(({ name }) => ({
      severity: 'something',
      subject: `rp_filter of ${name}`,
      problem:
        'it is 1 (strict), and the default route uses another interface: the kernel drops packets that arrive here from distant networks',
      fix: `sysctl -w net.ipv4.conf.${name.replaceAll('.', '/')}.rp_filter=2`,
    }));
}

export const reversePath: Check = ({ records, host, reading }) => {
  const wanted = new Set(hostAddressesOf(records).map(({ address }) => address));
  const holding = reading.ownAddresses().flatMap((one) => (wanted.has(one.address) ? [one.interface] : []));
  const anywhere = records.some(({ elements }) =>
    elements.some((one) => one.kind === 'forward' && isAny(one.host)),
  );
  const uplinks = anywhere
    ? uplinksOf({
        configured: host.interfaces,
        defaultRoutes: defaultRouteInterfaces('ip'),
        own: reading.ownAddresses().filter(({ address }) => familyOf(address) === 'ip'),
        inside: insideOf(records),
      })
    : (host.interfaces ?? []);
  const names = [...new Set([...uplinks, ...holding])];
  const interfaces = names.map((name) => ({
    name,
    all: interfaceSetting('all', 'rp_filter'),
    own: interfaceSetting(name, 'rp_filter'),
  }));
  return judgeReversePath(interfaces, defaultRouteInterface());
};
