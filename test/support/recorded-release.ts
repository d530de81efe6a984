import { type Lab, type LabGuest, publicAddress, secondAddress, secondAddress6 } from './lab.ts';

/*
 * A host as a release leaves it: configuration, files of state, and rules in the kernel, recorded once for each release in
 * test/fixtures/releases (npm run record-release). The next releases take it over.
 */

export interface RecordedRelease {
  readonly version: string;
  readonly configuration: string;
  /** What the files under /run/guestgate hold, by their paths below it. */
  readonly state: Readonly<Record<string, string>>;
  /** guestgate's own tables, for `nft -f`. */
  readonly nft: string;
  /** By program: what `iptables-save` says. */
  readonly iptables: Readonly<Record<string, string>>;
}

/** iptables-legacy has no limits of connections, which the policies ask for. */
export const recordedBackends = ['nftables', 'iptables-nft'] as const;

/** The guests that run when a release is recorded, in the order of their addresses. Their policies use most keys. */
export const recordedGuests = ['web', 'mail', 'db'] as const;

/** @param guests in the order of `recordedGuests` */
export function recordedConfiguration([web, mail, db]: readonly LabGuest[]): string {
  return `[guest.web]
address = "${web?.address}"
forward = [
  "8080:80", "5000-5010/udp", "7007:7", { port = 8443, to = 443, rate = "100/second", connections = 200 },
  { host = "${publicAddress}", port = 8081, to = 80, from = ["198.51.100.2"] },
]
open = [{ port = 443, from = ["198.51.100.2"] }]
deny_from = ["198.51.100.99"]
[guest.mail]
address = ["${mail?.address}", "${mail?.address6}"]
public_address = ["${secondAddress}", "${secondAddress6}"]
allow_from = ["198.51.100.2", "2001:db8:1::2"]
[guest.db]
address = "${db?.address}"
forward = ["5432:80"]
snat = "${publicAddress}"
masquerade = true
`;
}

const programs = ['iptables', 'ip6tables'] as const;

/** What a lab holds now, as a release is recorded. */
export function recordRelease(lab: Lab, version: string): RecordedRelease {
  const { host } = lab;
  const files = host.sh('cd /run/guestgate && find . -type f -size +0 | sort').trim().split('\n');
  const tables = host
    .sh("nft list tables | sed -n 's/^table //p' | grep -E ' guestgate'", { mayFail: true })
    .split('\n')
    .filter((table) => table !== '');
  return {
    version,
    configuration: host.read('/etc/guestgate/guestgate.toml'),
    state: Object.fromEntries(files.map((file) => [file.slice(2), host.read(`/run/guestgate/${file}`)])),
    nft: tables.map((table) => host.sh(`nft list table ${table}`)).join(''),
    iptables: Object.fromEntries(
      programs.map((program) => [`${program}-nft`, host.sh(`${program}-nft-save`)]),
    ),
  };
}

/** Makes a host of a lab that the release has run on until now: its guests run, and none of its hooks is called. */
export function restoreRelease(lab: Lab, recorded: RecordedRelease, guests: readonly LabGuest[]): void {
  const { host } = lab;
  host.write('/etc/guestgate/guestgate.toml', recorded.configuration);
  for (const guest of guests) host.write(`/run/libvirt/qemu/${guest.name}.xml`, lab.status(guest));
  for (const [program, rules] of Object.entries(recorded.iptables))
    host.run(`${program}-restore`, [], { input: rules });
  if (recorded.nft !== '') host.run('nft', ['-f', '-'], { input: recorded.nft });
  host.sh('rm -rf /run/guestgate; mkdir -m 700 /run/guestgate');
  for (const [file, text] of Object.entries(recorded.state)) host.write(`/run/guestgate/${file}`, text);
}
