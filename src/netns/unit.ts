import type { NamespaceRequest } from '../model/namespace.ts';
import { paths } from '../model/paths.ts';

/** The folder of the administrator's units: `systemctl enable` takes units from there. */
export const unitFolder = '/etc/systemd/system';

/** The first line of each unit that guestgate writes: it knows its own by it. */
const head = '# Written by guestgate netns add --persist';

/** @param name a namespace's: a unit's name may hold all that it may */
export function unitName(name: string): string {
  return `guestgate-netns-${name}.service`;
}

/**
 * The unit that makes a namespace at boot, and removes it when it is stopped. A unit that runs a process in the namespace names it in
 * `Requires=` and `After=`. Pure.
 */
export function renderUnit(request: NamespaceRequest): string {
  const { name } = request;
  return `${head}
[Unit]
Description=guestgate: network namespace ${name}
Documentation=man:guestgate(8)
# Its rules come after those that are loaded or flushed at boot, its links after the interfaces that they need.
Wants=network-online.target
After=network-online.target guestgate-replay.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${paths.program} netns add ${[name, ...addArguments(request)].join(' ')}
ExecStop=${paths.program} netns del ${name} --keep-unit

[Install]
WantedBy=multi-user.target
`;
}

/** Whether guestgate wrote it. */
export function isOurUnit(text: string): boolean {
  return text.startsWith(`${head}\n`);
}

/** The options of `guestgate netns add` that ask for this. None holds a blank, a quote or a percent sign that systemd would read. */
export function addArguments({ addresses, link, gateways, dns, mac, nat }: NamespaceRequest): string[] {
  return [
    ...addresses.flatMap(({ address, prefix }) => ['--address', `${address}/${prefix}`]),
    ...linkArguments(link),
    ...gateways.flatMap((gateway) => ['--gateway', gateway]),
    ...dns.flatMap((server) => ['--dns', server]),
    ...(mac === undefined ? [] : ['--mac', mac]),
    ...(nat === true && link.kind !== 'own' ? ['--nat'] : []),
    ...(nat !== true && link.kind === 'own' ? ['--no-nat'] : []),
  ];
}

function linkArguments(link: NamespaceRequest['link']): string[] {
  // systemd.unit(5): %% is a percent sign.
  const escaped = (name: string) => name.replaceAll('%', '%%');
  switch (link.kind) {
    case 'own':
    case 'shared':
      return [];
    case 'bridge':
      return ['--bridge', escaped(link.bridge)];
    case 'vlan':
      return ['--uplink', escaped(link.uplink), '--vlan', String(link.vlan)];
    case 'macvlan':
      return ['--uplink', escaped(link.uplink), '--macvlan'];
  }
}
