import { type Address, familyOf } from '../model/address.ts';
import type { GuestElement } from '../model/element.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import type { GuestPolicy, OpenPort } from '../model/policy.ts';
import { overlap } from '../model/port.ts';
import { limits } from './limits.ts';
import { within } from './source-filters.ts';

/** The ports of the guest's own address that are admitted without translation, and the sources that may use them. */
export function planOpen(policy: GuestPolicy, guest: Address, problems: Fault[]): GuestElement[] {
  return withoutRepetition(policy.open ?? [], problems).flatMap(
    ({ protocol, ports, from = policy.allowFrom, ...limited }) => [
      ...(from === undefined
        ? []
        : [
            {
              kind: 'open-source-filter' as const,
              guest,
              protocol,
              ports,
              from: within(from, familyOf(guest)),
            },
          ]),
      ...limits({ guest, protocol, ports }, limited),
      { kind: 'open' as const, guest, protocol, ports },
    ],
  );
}

/** A set cannot hold two ranges that overlap: the first one counts. */
function withoutRepetition(openPorts: readonly OpenPort[], problems: Fault[]): OpenPort[] {
  const kept: OpenPort[] = [];
  for (const openPort of openPorts) {
    const other = kept.find(
      (one) => one.protocol === openPort.protocol && overlap(one.ports, openPort.ports),
    );
    if (other === undefined) kept.push(openPort);
    else if (other.text !== openPort.text)
      problems.push(policyFault(`open ${openPort.text} repeats ports of ${other.text}`));
  }
  return kept;
}
