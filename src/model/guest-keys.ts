import { type Guest, type GuestDriver, type GuestId, isGuestDriver } from './guest.ts';

/**
 * The keys by which a file may name a guest: `lxc:web`, its name, its UUID. A key that looks like
 * a UUID or begins with a driver means just that: no guest gets another one's policy by its name.
 */
export function guestKeys({ driver, name, uuid }: Pick<Guest, 'driver' | 'name' | 'uuid'>): string[] {
  return [...new Set([exactKey({ driver, name }), ...(isPlainName(name) ? [name] : []), ...uuidKeys(uuid)])];
}

/** The keys by which a file may name a guest's policy: one that arrives has that of the name that it will have. */
export function policyKeys({ arrivingAs, ...guest }: Omit<Guest, 'nics'>): string[] {
  return guestKeys({ ...guest, name: arrivingAs ?? guest.name });
}

/** A guest that a key names, as far as the key tells: a driver with a name, a name, or a UUID in lower case. */
export type NamedByKey = { readonly driver?: GuestDriver; readonly name: string } | { readonly uuid: string };

/** The reverse of `guestKeys()`. */
export function parseGuestKey(key: string): NamedByKey {
  if (isUuid(key)) return { uuid: key.toLowerCase() };
  const [before = '', ...rest] = key.split(':');
  return rest.length > 0 && isGuestDriver(before) ? { driver: before, name: rest.join(':') } : { name: key };
}

/** Whether a key, of a file or a command, may mean this guest. Of several guests with that name, the caller chooses. */
export function isNamedBy(key: string, guest: Pick<Guest, 'driver' | 'name' | 'uuid'>): boolean {
  return guestKeys(guest).includes(isUuid(key) ? key.toLowerCase() : key);
}

/** The key that means this guest and no other one. */
export function exactKey({ driver, name }: GuestId): string {
  return `${driver}:${name}`;
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
