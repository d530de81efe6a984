import type { LabGuest } from '../support/lab-guest.ts';
import { domainXml, networkHookXml, statusXml } from '../support/lab-xml.ts';
import type { Fault } from './event.ts';
import { type Policy, toMetadata } from './policy.ts';

/* The shell script that a life is: what libvirt, the administrator and other programs do. */

/** Where the scripts keep XML, results and output. */
export const folder = '/tmp/model';
export const resultFile = `${folder}/results`;
export const logFile = `${folder}/log`;

/** Runs a call, and notes how it ended and how many bytes it printed to stdout. */
export const preamble = `mkdir -p ${folder} /run/libvirt/qemu /etc/guestgate/guests.d /var/lib/libvirt/dnsmasq
call() {
  label=$1; shift; out=${folder}/out.$label
  echo "$ $label" >>${logFile}; "$@" >"$out" 2>>${logFile}; code=$?
  printf '%s %s %s\\n' "$label" "$code" "$(wc -c <"$out")" >>${resultFile}
}
hook() {
  case $2 in stopped|release) kind=off; suffix=end;; prepare) kind=off; suffix=begin;; *) kind=live; suffix=begin;; esac
  call "$1-$2\${fault:+-faulty}" $fault /etc/libvirt/hooks/qemu "$1" "$2" "$suffix" - <${folder}/$1.$kind.xml
}
network() { call "network-$1\${fault:+-faulty}" $fault /etc/libvirt/hooks/network default "$1" "$2" - <${folder}/$3.xml; }
daemon() { call "daemon-$1\${fault:+-faulty}" $fault /etc/libvirt/hooks/daemon - "$@" </dev/null; }
command() { call "command-$1\${fault:+-faulty}" $fault /usr/bin/guestgate "$@" </dev/null; }
refused() { call "refused-$1" /usr/bin/guestgate "$@" </dev/null; }
foreign() { sh -c "$1" >/dev/null 2>&1 || true; ip netns exec reference sh -c "$1" >/dev/null 2>&1 || true; }
held() {
  mkdir -p /run/guestgate; exec 8>/run/guestgate/retry 9>/run/guestgate/lock; flock 8; flock 9
  before=$(waiting); "$1" 8>&- 9>&- &
  for i in $(seq 40); do [ "$(waiting)" -ge $((before + $2)) ] && break; sleep 0.05; done
  exec 8>&- 9>&-; wait
}
waiting() { ls /run/guestgate/requests 2>/dev/null | grep -c 'request$'; }
fault=
`;

export function writeFile(path: string, text: string): string {
  return `cat >'${path}' <<'END'\n${text.trimEnd()}\nEND`;
}

/** What is on the host before anything happens. A second port with a guest's MAC address is there while its link changes. */
export function hostFiles(guests: readonly LabGuest[]): string {
  return [
    writeFile(`${folder}/network.xml`, networkHookXml()),
    ...guests.map((guest, at) => {
      const portId = `de831c28-7064-4a97-94b8-0000000000${10 + at}`;
      return writeFile(`${folder}/port-${guest.name}.xml`, networkHookXml({ guest, portId }));
    }),
  ].join('\n');
}

/** The XML of a guest's definition. */
export function definition(guest: LabGuest, policy: Policy | undefined): string {
  const metadata = policy === undefined ? '' : toMetadata(policy);
  const base = `${folder}/${guest.name}.defined`;
  return [
    writeFile(`${base}.live.xml`, domainXml(guest, 'started', metadata)),
    writeFile(`${base}.off.xml`, domainXml(guest, 'stopped', metadata)),
    writeFile(`${base}.status.xml`, statusXml(guest, metadata)),
  ].join('\n');
}

/** What runs from now on has the XML of the definition. */
export function takeDefinition(name: string): string {
  return `for k in live off status; do cp ${folder}/${name}.defined.$k.xml ${folder}/${name}.$k.xml; done`;
}

export const showStatus = (name: string) => `cp ${folder}/${name}.status.xml /run/libvirt/qemu/${name}.xml`;
export const hideStatus = (name: string) => `rm -f /run/libvirt/qemu/${name}.xml`;

/** Something befalls the calls in a script at a system call. */
export function faulty(fault: Fault | undefined, lines: readonly string[]): string[] {
  if (fault === undefined) return [...lines];
  const { call, what, when } = fault;
  const strace = `strace -qq -o /dev/null -e trace=${call} -e inject=${call}:${what}:when=${when}`;
  return [`fault='${strace}'`, ...lines, 'fault='];
}

const programs = ['nft', 'iptables-restore', 'iptables-nft-restore'];

/** Programs that make rules stand in the PATH ahead of the real ones. */
export function breakPrograms(how: string): string {
  const body =
    {
      fails: 'echo "it is broken" >&2; exit 1',
      'fails once': `mkdir ${folder}/broken 2>/dev/null && exit 1\nexec /usr/sbin/$0 "$@"`,
      'hangs once': `mkdir ${folder}/broken 2>/dev/null && exec sleep 30\nexec /usr/sbin/$0 "$@"`,
      'fails after its work': '/usr/sbin/$0 "$@"; exit 1',
      'ends its caller': `mkdir ${folder}/broken 2>/dev/null && { kill -9 $PPID; }\nexec /usr/sbin/$0 "$@"`,
    }[how] ?? '';
  return programs
    .map((name) => {
      const text = `#!/bin/sh\n${body.replaceAll('$0', name)}`;
      const path = `/usr/local/sbin/${name}`;
      return `[ -e /usr/sbin/${name} ] && {\n${writeFile(path, text)}\nchmod +x ${path}; }`;
    })
    .join('\n');
}

export const mendPrograms = `rm -rf ${folder}/broken; rm -f ${programs.map((name) => `/usr/local/sbin/${name}`).join(' ')}`;
