import { type Address, familyOf } from '../model/address.ts';
import type { Fault } from '../model/finding.ts';
import { isEverywhere } from '../model/host-address.ts';
import type { Forward, GuestPolicy } from '../model/policy.ts';
import { overlap } from '../model/port.ts';
import { quoted } from '../model/problem.ts';

/** The policy of a guest in a file, which counts whether the guest runs or not. */
export interface FilePolicy {
  /** Its key in the files. */
  readonly guest: string;
  readonly policy: GuestPolicy;
  /** Where its forwards with an uplink are. */
  readonly addressesOn: (interface_: string) => readonly Address[];
}

/** What metadata asks for: a forward at some addresses (undefined: at every one), or a whole address. */
export type Asked = { readonly what: string } & (
  | { readonly forward: Forward; readonly places: readonly Address[] | undefined }
  | { readonly address: Address }
);

/** The administrator's word beats that of others: what a file asks for is no metadata's, even while its guest does not run. */
export function claimedByFiles(asked: Asked, files: readonly FilePolicy[]): Fault | undefined {
  const owner = files.find((file) => claims(file, asked));
  return owner === undefined
    ? undefined
    : {
        kind: 'conflict',
        problem: `${asked.what} is left out: a file has it for guest ${quoted(owner.guest)}`,
        severity: 'something',
        advice: 'use another port or address',
      };
}

function claims({ policy, addressesOn }: FilePolicy, asked: Asked): boolean {
  const { publicAddresses = [], snat = [], forwards = [] } = policy;
  if ('address' in asked) return publicAddresses.includes(asked.address) || snat.includes(asked.address);
  const { forward, places } = asked;
  if (places?.some((address) => publicAddresses.includes(address))) return true;
  return forwards.some((one) => {
    if (one.protocol !== forward.protocol || !overlap(one.ports, forward.ports)) return false;
    const own =
      one.uplink !== undefined ? addressesOn(one.uplink) : isEverywhere(one.host) ? undefined : [one.host];
    if (own === undefined && places === undefined) return isSameFamily(one.host, forward.host);
    return (own ?? places ?? []).some(
      (address) =>
        (own ?? [address]).includes(address) &&
        (places ?? [address]).includes(address) &&
        isSameFamily(one.host, address) &&
        isSameFamily(forward.host, address),
    );
  });
}

/** `any` is of both. */
function isSameFamily(a: Forward['host'], b: Forward['host']): boolean {
  return a === 'any' || b === 'any' || familyOf(a) === familyOf(b);
}
