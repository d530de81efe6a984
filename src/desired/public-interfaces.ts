import type { Finding } from '../model/finding.ts';
import type { HostPolicy } from '../model/policy.ts';
import { isInterface } from '../system/host.ts';

/** The interfaces of `[host]` that the host does not have now: a mistake, or an uplink that is away. One finding at most. */
export function missingInterfaces({
  interfaces,
  addresses,
}: HostPolicy): (Finding & { readonly fix: string })[] {
  // With addresses, forwards do not depend on the interface.
  return interfaces === undefined || addresses !== undefined ? [] : judgeInterfaces(interfaces, isInterface);
}

/** The same for any host. Pure. */
export function judgeInterfaces(
  interfaces: readonly string[],
  exists: (name: string) => boolean,
): (Finding & { readonly fix: string })[] {
  const missing = interfaces.filter((name) => !exists(name));
  if (missing.length === 0) return [];
  const present = interfaces.filter((name) => !missing.includes(name));
  const effect =
    present.length === 0
      ? 'forwards without an address are closed from outside'
      : `forwards without an address are open from outside through ${present.join(', ')} only`;
  return [
    {
      subject: '[host] interface',
      problem: `no interface has the name ${missing.join(' or ')}: ${effect}`,
      severity: present.length === 0 ? 'everything' : 'later',
      fix: 'ip -br link',
    },
  ];
}
