import type { KernelCommand } from '../../model/command.ts';
import { readNftJson } from '../../model/program-output.ts';
import type { HostProtection } from '../../model/protection.ts';
import { names } from '../names.ts';
import { renderProtection } from './ruleset.ts';

/** What messages call the table. */
export const protectionTitle = `table inet ${names.protectTable}`;

export const listProtection: KernelCommand = {
  program: 'nft',
  args: ['-j', 'list', 'table', 'inet', names.protectTable],
};

/** Makes the table in a network namespace of its own, and lists it: as this kernel and this nft show it. */
export function protectionReference(protection: HostProtection): KernelCommand {
  const script = `nft -f - && exec nft -j list table inet ${names.protectTable}`;
  return { program: 'unshare', args: ['-n', 'sh', '-c', script], input: renderProtection(protection) };
}

/** Whether two listings hold the same chains and rules in the same order. @throws CommandError if one is not whole */
export function isSameProtection(listing: string, reference: string): boolean {
  return shapeOf(listing) === shapeOf(reference);
}

function shapeOf(listing: string): string {
  return readNftJson(listing, listProtection, (objects) =>
    JSON.stringify(
      objects.filter((object) => object['metainfo'] === undefined),
      (key, value) => (key === 'handle' || key === 'packets' || key === 'bytes' ? undefined : value),
    ),
  );
}
