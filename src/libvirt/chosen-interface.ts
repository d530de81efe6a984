import { describeInterfaceChoice, type InterfaceChoice } from '../model/interface-choice.ts';
import { quoted } from '../model/problem.ts';
import type { NicSurroundings } from './address-sources.ts';

/** The guest's interfaces that fit the administrator's choice; without a choice, all. */
export function chosen(
  choice: InterfaceChoice | undefined,
  surroundings: readonly NicSurroundings[],
): readonly NicSurroundings[] {
  if (choice === undefined) return surroundings;
  if ('nic' in choice) return surroundings.slice(choice.nic - 1, choice.nic);
  if ('mac' in choice) return surroundings.filter(({ nic }) => nic.mac === choice.mac);
  return surroundings.filter(
    ({ nic, network }) => nic.network === choice.network || network?.name === choice.network,
  );
}

/** Why no interface fits the choice: `the guest has no interface on network "dmz" (its interfaces: ...)`. */
export function describeMissing(choice: InterfaceChoice, surroundings: readonly NicSurroundings[]): string {
  const nics = surroundings.map(({ nic, network }, index) => {
    const name = nic.network ?? network?.name;
    const bridge = nic.bridge === undefined ? '' : ` on bridge ${nic.bridge}`;
    const where = name === undefined ? bridge : ` on network ${quoted(name)}`;
    return `${index + 1}: ${nic.mac ?? 'without MAC address'}${where}`;
  });
  const there = nics.length === 0 ? 'no interface at all' : `its interfaces: ${nics.join(', ')}`;
  return `the guest has no interface ${describeInterfaceChoice(choice)} (${there})`;
}
