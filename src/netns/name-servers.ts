import { type Address, contains, parseAddress } from '../model/address.ts';

/** The head of each resolv.conf that guestgate writes: it knows its own by it. */
const head = '# Written by guestgate netns add';

/**
 * The name servers of a namespace: those that were given, else those of the host that the namespace can reach. Pure.
 *
 * @param texts resolv.conf(5) files of the host, the one that counts most first: one that names only servers at 127.0.0.1, as that of
 * systemd-resolved does, is passed over for the next
 */
export function nameServers(given: readonly Address[], texts: readonly (string | undefined)[]): Address[] {
  if (given.length > 0) return [...given];
  return texts.map(reachable).find((servers) => servers.length > 0) ?? [];
}

function reachable(text = ''): Address[] {
  const servers = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(
    ([, one = '']) => parseAddress(one) ?? [],
  );
  return servers.filter((one) => !contains('127.0.0.0/8', one) && one !== '::1');
}

/** A resolv.conf for a namespace. */
export function renderResolvConf(servers: readonly Address[]): string {
  return `${[head, ...servers.map((server) => `nameserver ${server}`)].join('\n')}\n`;
}

/** Whether guestgate wrote it. */
export function isOurResolvConf(text: string): boolean {
  return text.startsWith(head);
}
