/**
 * Whether this is the name of an interface that may stand in a rule. The kernel takes nearly anything of up to 15
 * bytes (dev_valid_name): quotes, braces, stars. Those are nobody's, and go nowhere near a parser.
 */
export function isInterfaceName(name: string): boolean {
  return /^[A-Za-z0-9_.@+=~,%#-]{1,15}$/.test(name) && name !== '.' && name !== '..';
}
