import { sysctl } from '../system/host.ts';
import type { Check, HostFinding } from './check.ts';

const limit = 'net.netfilter.nf_conntrack_max';

/** The share of the table, in per cent, from which on it is a finding. */
const nearlyFull = 80;

/** When the table is full, the kernel drops the first packet of every new connection (nf_conntrack-sysctl.rst). */
export function judgeConntrack(count: number, most: number): HostFinding[] {
  if (!(most > 0) || count * 100 < most * nearlyFull) return [];
  return [
    {
      severity: count >= most ? 'everything' : 'later',
      subject: 'connection tracking',
      problem: `it holds ${count} of at most ${most} connections: when it is full, the kernel drops new ones`,
      fix: `sysctl -w ${limit}=${most * 2}`,
    },
  ];
}

export const conntrack: Check = () =>
  judgeConntrack(Number(sysctl('net.netfilter.nf_conntrack_count')), Number(sysctl(limit)));
