import type { Sandbox } from './sandbox.ts';

const script = `
nft -s list ruleset
for t in filter nat mangle; do
  if grep -qsx $t /proc/net/ip_tables_names; then iptables-legacy-save -t $t | grep -v '^#'; fi
  if grep -qsx $t /proc/net/ip6_tables_names; then ip6tables-legacy-save -t $t | grep -v '^#'; fi
done`;

/** The whole ruleset of a host, of every kind and family, as text without counters. */
export function listRuleset(host: Sandbox): string {
  return host
    .sh(script)
    .replaceAll(/counter packets \d+ bytes \d+/g, 'counter')
    .replaceAll(/\[\d+:\d+\]/g, '[0:0]');
}
