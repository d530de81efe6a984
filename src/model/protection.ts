import type { Network } from './address.ts';
import type { PortRange } from './port.ts';
import type { Rate } from './rate.ts';
import { isCount, isList, isObject, isOneOf, isText, type Shape } from './shape.ts';

/** A port of the host's own services that answers only the host itself. */
export interface RefusedPorts {
  readonly protocol: 'tcp' | 'udp';
  readonly ports: PortRange;
}

/** What the host itself takes from others: `[host.protect]`. Its guests are not concerned. */
export interface HostProtection {
  /** How many echo requests are answered, from all sources together, in each family. */
  readonly pingRate?: Rate;
  /** The most bytes of data that an echo request may carry, as `ping -s` counts them. */
  readonly pingSize?: number;
  /** `needed`: of ICMP only what hosts must take (RFC 4890, 4.4), and echo requests. */
  readonly icmp: 'all' | 'needed';
  readonly reject: readonly RefusedPorts[];
  /** Who may open connections to `sshPorts`, in the family of each; a family without any is closed. Undefined: all sources. */
  readonly sshFrom?: readonly Network[];
  readonly sshPorts: readonly PortRange[];
  /** How many dropped or refused packets the kernel's log names. Undefined: none. */
  readonly log?: Rate;
}

/** Whether it asks for anything. */
export function protectsAnything({ pingRate, pingSize, icmp, reject, sshFrom }: HostProtection): boolean {
  return (
    pingRate !== undefined ||
    pingSize !== undefined ||
    icmp === 'needed' ||
    reject.length > 0 ||
    sshFrom !== undefined
  );
}

const isNetwork: Shape = (value) => isText(value) && /^[\da-fA-F.:]{2,45}(\/\d{1,3})?$/.test(value as string);
const isRange = isObject({ first: isCount, last: isCount });
const isRate = isObject({ connections: isCount, per: isOneOf('second', 'minute', 'hour') });

/** Whether a value of a file of the state is one: it becomes text for nft. */
export const isProtection: Shape = isObject({
  'pingRate?': isRate,
  'pingSize?': isCount,
  icmp: isOneOf('all', 'needed'),
  reject: isList(isObject({ protocol: isOneOf('tcp', 'udp'), ports: isRange })),
  'sshFrom?': isList(isNetwork),
  sshPorts: isList(isRange),
  'log?': isRate,
});
