import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Lab, publicAddress } from '../support/lab.ts';
import { type Spread, spread } from './statistics.ts';

interface Connects {
  /** One after the other, in milliseconds. */
  readonly latency: Spread;
  /** With 32 under way at a time. */
  readonly perSecond: number;
}

interface FirstAndLast {
  readonly first: Connects;
  readonly last: Connects;
}

export interface Latency {
  readonly forwards: number;
  readonly ours: FirstAndLast;
  readonly iptables: FirstAndLast;
}

const folder = fileURLToPath(new URL('.', import.meta.url));
const firstPort = 10_000;

/** How long a TCP connect takes through the first and the last of so many forwards. */
export async function latencies(lab: Lab, counts: readonly number[]): Promise<Latency[]> {
  const guest = lab.addGuest('server', { serve: false });
  const server = lab.host.start('node', [`${folder}accept.mjs`], { in: 'guest1' });
  if (server.stdout !== null) await once(server.stdout, 'data');
  lab.host.sh(
    'rm -rf /etc/guestgate/guests.d /run/libvirt/qemu; mkdir -p /run/libvirt/qemu; guestgate replay >/dev/null; nft flush table ip nat 2>/dev/null || true',
  );
  const found: Latency[] = [];
  for (const forwards of counts) {
    console.error(`connects through ${forwards} forwards`);
    const last = firstPort + forwards - 1;
    // The shifted range is an exact key for each port.
    const range =
      forwards === 1
        ? `${firstPort}:80`
        : `${firstPort}-${last - 1}:1-${forwards - 1}", "${last}:80", "9999:80`;
    // The default limit is for people.
    lab.configure(
      `[host.limits]\nshifted_ports = 60000\n[guest.server]\naddress = "${guest.address}"\nforward = ["${range}"]\n`,
    );
    const first = forwards === 1 ? firstPort : 9999;
    lab.hook(guest, 'started');
    const ours = { first: connects(lab, first), last: connects(lab, last) };
    lab.hook(guest, 'stopped');
    lab.host.run('iptables-nft-restore', ['--noflush'], {
      input: rules(guest.address, forwards),
      timeout: 120_000,
    });
    const iptables = { first: connects(lab, firstPort), last: connects(lab, last) };
    lab.host.run('iptables-nft-restore', ['--noflush'], {
      input: '*nat\n:BENCH - [0:0]\n-D PREROUTING -j BENCH\n-X BENCH\nCOMMIT\n',
    });
    found.push({ forwards, ours, iptables });
  }
  return found;
}

function rules(address: string, forwards: number): string {
  const lines = Array.from(
    { length: forwards },
    (_, index) =>
      `-A BENCH -d ${publicAddress} -p tcp -m tcp --dport ${firstPort + index} -j DNAT --to-destination ${address}:80`,
  );
  return `*filter\n-I FORWARD 1 -m conntrack --ctstate DNAT -j ACCEPT\nCOMMIT\n*nat\n:BENCH - [0:0]\n-A PREROUTING -j BENCH\n${lines.join('\n')}\nCOMMIT\n`;
}

function connects(lab: Lab, port: number): Connects {
  const { stdout } = lab.host.run('node', [`${folder}connect.mjs`, publicAddress, String(port), '1000'], {
    in: 'client',
    timeout: 60_000,
  });
  const { times, perSecond } = JSON.parse(stdout) as { times: number[]; perSecond: number };
  return { latency: spread(times.slice(50)), perSecond };
}
