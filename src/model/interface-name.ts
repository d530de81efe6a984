/**
 * Whether a rule may contain this interface name. The kernel accepts nearly any name of up to 15
 * bytes (dev_valid_name): quotes, braces, stars. No real interface has such a name, and no parser gets one. A plus sign at
 * the end is a pattern for iptables (iptables(8), --in-interface): a rule would match other interfaces as well.
 */
export function isInterfaceName(name: string): boolean {
  return /^[A-Za-z0-9_.@+=~,%#-]{1,15}$/.test(name) && !name.endsWith('+') && name !== '.' && name !== '..';
}
