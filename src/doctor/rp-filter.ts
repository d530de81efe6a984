import { defaultRouteInterface, interfaceSetting } from '../system/host.ts';
import type { Check, Finding } from './finding.ts';
import { hostAddressesOf } from './guests-of.ts';

/** A public interface of the host's, and the kernel's check of who may come by it. */
export interface PublicInterface {
  readonly name: string;
  /** 0 none, 1 strict, 2 loose. */
  readonly all: string | undefined;
  readonly own: string | undefined;
}

/**
 * A strict check (RFC 3704, 2.2) drops what comes by another interface than the route back leads to: on the second of
 * two uplinks everybody but neighbours. The larger of the two settings counts (ip-sysctl.rst, rp_filter).
 *
 * @param defaultRoute the interface that answers leave by
 */
export function judgeReversePath(
  interfaces: readonly PublicInterface[],
  defaultRoute: string | undefined,
): Finding[] {
  return interfaces
    .filter(({ name, all, own }) => name !== defaultRoute && Math.max(Number(all), Number(own)) === 1)
    .map(({ name }) => ({
      severity: 'something',
      what: `rp_filter of ${name} is 1 (strict), and the default route does not lead there: what comes by it from afar is dropped`,
      fix: `sysctl -w net.ipv4.conf.${name.replaceAll('.', '/')}.rp_filter=2`,
    }));
}

export const reversePath: Check = ({ records, host, reading }) => {
  const wanted = new Set(hostAddressesOf(records).map(({ address }) => address));
  const holding = reading.ownAddresses().flatMap((one) => (wanted.has(one.address) ? [one.interface] : []));
  const names = [...new Set([...(host.interfaces ?? []), ...holding])];
  const interfaces = names.map((name) => ({
    name,
    all: interfaceSetting('all', 'rp_filter'),
    own: interfaceSetting(name, 'rp_filter'),
  }));
  return judgeReversePath(interfaces, defaultRouteInterface());
};
