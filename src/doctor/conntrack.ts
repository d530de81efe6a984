import { sysctl } from '../system/host.ts';
import type { Check, Finding } from './finding.ts';

const limit = 'net.netfilter.nf_conntrack_max';

/** From this share of the table on, in per cent, it is told. */
const nearlyFull = 80;

/** When the table is full, the kernel drops the first packet of every new connection (nf_conntrack-sysctl.rst). */
export function judgeConntrack(count: number, most: number): Finding[] {
  if (!(most > 0) || count * 100 < most * nearlyFull) return [];
  return [
    {
      severity: count >= most ? 'everything' : 'later',
      what: `connection tracking holds ${count} of at most ${most} connections: when it is full, new ones are dropped`,
      fix: `sysctl -w ${limit}=${most * 2}`,
    },
  ];
}

export const conntrack: Check = () =>
  judgeConntrack(Number(sysctl('net.netfilter.nf_conntrack_count')), Number(sysctl(limit)));
