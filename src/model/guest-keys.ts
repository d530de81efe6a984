import { type Guest, isGuestDriver } from './guest.ts';

/**
 * The keys by which a file may name a guest: `lxc:web`, its name, its UUID. A key that looks like
 * a UUID or begins with a driver means just that: no guest gets another one's policy by its name.
 */
export function guestKeys({ driver, name, uuid }: Pick<Guest, 'driver' | 'name' | 'uuid'>): string[] {
  return [...new Set([`${driver}:${name}`, ...(isPlainName(name) ? [name] : []), ...uuidKeys(uuid)])];
}

function uuidKeys(uuid: string | undefined): string[] {
  return uuid === undefined ? [] : [uuid.toLowerCase(), uuid.toUpperCase()];
}

/** Whether a key that is a guest's name can mean it. */
function isPlainName(name: string): boolean {
  const [before = '', ...rest] = name.split(':');
  return !isUuid(name) && (rest.length === 0 || !isGuestDriver(before));
}

function isUuid(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}
