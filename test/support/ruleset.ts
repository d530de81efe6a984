import type { Sandbox } from './sandbox.ts';

const script = `
nft -s list ruleset
for t in filter nat mangle; do
  if grep -qsx $t /proc/net/ip_tables_names; then iptables-legacy-save -t $t | grep -v '^#'; fi
  if grep -qsx $t /proc/net/ip6_tables_names; then ip6tables-legacy-save -t $t | grep -v '^#'; fi
done`;

const table = /^table [\s\S]*?^\}\n/gm;

/**
 * The whole ruleset of a host, of every kind and family, as text without counters. nft lists tables in the order in which they
 * were made, which says nothing: here they are sorted.
 */
export function listRuleset(host: Sandbox): string {
  const text = host.sh(script);
  return [...(text.match(table) ?? []).sort(), text.replaceAll(table, '')]
    .join('')
    .replaceAll(/counter packets \d+ bytes \d+/g, 'counter')
    .replaceAll(/\[\d+:\d+\]/g, '[0:0]');
}
