import { type KeyTable, keyTables } from '../../src/policy/key-tables.ts';
import { generated, table } from './markdown.ts';

interface Section extends KeyTable {
  readonly heading: string;
  readonly introduction: string;
}

const sections: readonly Section[] = [
  {
    heading: '`[host]`',
    introduction: 'What holds for all guests. The table may be in one file only.',
    ...keyTables.host,
  },
  {
    heading: '`[host.metadata]`',
    introduction:
      "What policies in a domain's XML may do besides forwarding unreserved ports of the host's public addresses to the guest's own " +
      'address: see [policies in XML](metadata.md#who-may-open-ports). Policies in files win in any case.',
    ...keyTables.metadata,
  },
  {
    heading: '`[host.protect]`',
    introduction:
      'What the host itself takes from others: see [protect the host](../howto/protect-the-host.md). Off without this table. What is forwarded ' +
      'to guests, and connections of the host with itself, are not concerned.',
    ...keyTables.protect,
  },
  {
    heading: '`[guest.NAME]`',
    introduction:
      'The policy of one guest. NAME is the name of the guest, its UUID, or driver and name: `[guest."lxc:web"]` (`qemu`, `lxc` or ' +
      '`libxl`). A name that looks like a UUID or begins with a driver needs its driver. A name alone is that of the QEMU guest ' +
      'if QEMU and another driver have a guest of that name. Quote a name with characters other than letters, digits, ' +
      '`_` and `-`: `[guest."two words"]`. The table may be in one file only.',
    ...keyTables.guest,
  },
  {
    heading: '`[network.NAME]`',
    introduction:
      'The policy of one libvirt network. NAME is its name in `virsh net-list`. The table may be in one file only.',
    ...keyTables.network,
  },
  {
    heading: 'Forwards',
    introduction: `A forward is a string, \`[[ADDRESS:]PORT:]GUEST-PORT[/PROTOCOL]\`, or a table.

| string | forwards |
| --- | --- |
| \`"80"\` | port 80 (tcp) to port 80 of the guest. Docker takes a random host port here; guestgate takes the same port |
| \`"8443:443"\` | port 8443 to port 443 |
| \`"203.0.113.11:8443:443"\`, \`"[2001:db8::1]:8443:443"\` | the same, only at this address of the host |
| \`"*:8443:443"\`, \`"0.0.0.0:8443:443"\`, \`"[::]:8443:443"\` | at every address, at every IPv4 address, at every IPv6 address |
| \`"53:53/udp"\`, \`"2905/sctp"\` | udp, sctp |
| \`"53/tcp+udp"\` | tcp and udp: one forward per protocol |
| \`"60000-60010/udp"\` | a range, to the same ports |
| \`"9000-9002:80-82"\`, \`"9000-9002:80"\` | a shifted range: 9000 to 80, 9001 to 81, 9002 to 82 |

A range counts as one forward for \`rate\` and \`connections\`. Each protocol, family and host address has its own limit. \`guestgate replay\`
resets the counters. The keys of the table:`,
    ...keyTables.forward,
  },
  {
    heading: 'Open ports',
    introduction: 'An open port is a string, `PORT[/PROTOCOL]`, or a table with these keys:',
    ...keyTables.open,
  },
  {
    heading: 'Limits',
    introduction:
      "`[host.limits]` holds for the whole policy of each guest, `[host.metadata_limits]` for the part of it in the domain's XML, which " +
      'another person may write. A policy beyond a limit is a mistake: guestgate reports it and applies nothing of it.',
    ...keyTables.limits,
  },
];

/** docs/reference/keys.md. */
export function renderKeys(): string {
  return [
    generated,
    '# Configuration keys',
    `guestgate reads \`/etc/guestgate/guestgate.toml\` and \`/etc/guestgate/guests.d/*.toml\` at every event. Every key is optional unless
the table says "required". An unknown key is an error. Files and folders must belong to root, and no other user may write to them. After
a change, run \`guestgate check\`, then \`guestgate apply\`. The same policy can be part of a domain's XML: see
[metadata](metadata.md).`,
    ...sections.map(renderSection),
  ]
    .join('\n\n')
    .concat('\n');
}

function renderSection({ heading, introduction, entries, keys }: Section): string {
  const rows = Object.entries(keys).map(([key, { default: otherwise = 'none', required, text, example }]) => [
    `\`${key}\``,
    typeOf(entries[key]),
    required === true ? 'required' : otherwise,
    text,
    example === undefined ? '' : `\`${example}\``,
  ]);
  return `## ${heading}\n\n${introduction}\n\n${table(['key', 'type', 'default', 'meaning', 'example'], rows)}`;
}

/** The type of a key's value, in the words of TOML. */
export function typeOf(schema: unknown): string {
  const { type, options, item } = schema as {
    readonly type: string;
    readonly options?: readonly unknown[];
    readonly item?: unknown;
  };
  switch (type) {
    case 'string':
      return 'string';
    case 'array':
      return (item as { type: string }).type === 'unknown' ? 'list of strings and tables' : 'list';
    case 'loose_object':
      return 'table';
    case 'union':
      return [...new Set((options ?? []).map(typeOf))].join(' or ');
    case 'record':
      return 'table';
    case 'picklist':
      return (options ?? []).map((option) => `\`${JSON.stringify(option)}\``).join(', ');
    default:
      return type;
  }
}
