import { elementsWithout } from '../model/difference.ts';
import type { Finding } from '../model/finding.ts';
import type { NetworkElement } from '../model/network-element.ts';
import { quoted } from '../model/problem.ts';

/** Compares what is dropped for absent guests with what the files ask for. Pure. @param wanted undefined: it is not known */
export function absentDifferences(
  wanted: readonly NetworkElement[] | undefined,
  recorded: readonly NetworkElement[],
): Finding[] {
  if (wanted === undefined) return [];
  return [
    ...elementsWithout(wanted, recorded).flatMap((element) => finding(element, 'are not dropped')),
    ...elementsWithout(recorded, wanted).flatMap((element) => finding(element, 'are still dropped')),
  ];
}

function finding(element: NetworkElement, state: string): Finding[] {
  if (element.kind !== 'absent') return [];
  const problem = `packets to ${element.address} ${state} while the guest does not run`;
  return [
    { subject: `guest ${quoted(element.guest)}`, problem, severity: 'something', fix: 'guestgate apply' },
  ];
}
