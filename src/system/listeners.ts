import { readlinkSync } from 'node:fs';
import { type Address, parseAddress } from '../model/address.ts';
import { readFolder, readText } from './files.ts';

/** A socket of the host's own that waits for connections, or (udp) for anything. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** `0.0.0.0` and `::` are any. */
  readonly address: Address;
  readonly port: number;
  /** Who: `sshd (process 612)`; undefined if no process has it open any more. */
  readonly process?: string;
}

/** TCP's state LISTEN, and that of a socket of UDP without a peer (include/net/tcp_states.h). */
const waiting = { tcp: '0A', udp: '07' } as const;

/** All of them, from /proc/net (proc_net(5)): nothing is asked of them. */
export function listeners(): Listener[] {
  const found = readListeners();
  const owners = ownersOf(new Set(found.map(({ inode }) => inode)));
  return found.map(({ inode, ...listener }) => {
    const process = owners.get(inode);
    return process === undefined ? listener : { ...listener, process };
  });
}

/** The same without their processes, by their inodes. */
export function readListeners(): (Listener & { readonly inode: string })[] {
  return (['tcp', 'udp'] as const).flatMap((protocol) =>
    ['', '6'].flatMap((family) => readTable(protocol, `/proc/net/${protocol}${family}`)),
  );
}

function readTable(protocol: Listener['protocol'], path: string): (Listener & { inode: string })[] {
  const [, ...lines] = (readText(path) ?? '').trim().split('\n');
  return lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address, port] = local.split(':');
    const parsed = address === undefined ? undefined : addressOf(address);
    if (state !== waiting[protocol] || parsed === undefined) return [];
    return [{ protocol, address: parsed, port: Number.parseInt(port ?? '', 16), inode }];
  });
}

/** Words of four bytes in the host's order: little endian on what we are built for. */
export function addressOf(hex: string): Address | undefined {
  const bytes = [...hex.matchAll(/../g)].map(([byte]) => byte);
  const words = Array.from({ length: bytes.length / 4 }, (_, index) =>
    bytes.slice(index * 4, index * 4 + 4).reverse(),
  );
  const ordered = words.flat();
  if (ordered.length === 4) return parseAddress(ordered.map((byte) => Number.parseInt(byte, 16)).join('.'));
  const groups = Array.from({ length: 8 }, (_, index) => ordered.slice(index * 2, index * 2 + 2).join(''));
  return parseAddress(groups.join(':'));
}

/** Which process has which socket open. */
function ownersOf(inodes: ReadonlySet<string>): Map<string, string> {
  const owners = new Map<string, string>();
  for (const pid of readFolder('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const inode of socketsOf(pid))
      if (inodes.has(inode)) owners.set(inode, `${nameOf(pid)} (process ${pid})`);
  }
  return owners;
}

function socketsOf(pid: string): string[] {
  try {
    return readFolder(`/proc/${pid}/fd`).flatMap((descriptor) => {
      const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [];
    });
  } catch {
    // It has ended.
    return [];
  }
}

function nameOf(pid: string): string {
  try {
    return readText(`/proc/${pid}/comm`)?.trim() ?? '?';
  } catch {
    return '?';
  }
}
