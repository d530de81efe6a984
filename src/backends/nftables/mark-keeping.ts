import { connectionLabels, hex } from '../names.ts';

/*
 * A mark has 32 bits and many users, and the usual recipes for policy routing do not mask: `CONNMARK --restore-mark`
 * copies our bit into packets, where `ip rule ... fwmark 1` then finds 0x10000001; `CONNMARK --save-mark` and `--set-mark`
 * clear it in the connection, and the head rules no longer know it. The connection's label is beyond their reach, so it
 * says which connections are ours. In iptables' FORWARD only a mark can say so: a connlabel rule makes every
 * `iptables -L` warn of a missing connlabel.conf, and iptables refuses a native `ct label`.
 *
 * So just behind iptables' mangle chains (mangle, -150), which is where other programs copy marks, we take our bit out of
 * packets and put it back into our connections: before the routing decision, before filters, and before the packet leaves.
 */

/** The chains that keep our bit where it belongs, for a family's table. They change connections with our label alone. */
export function renderMarkKeeping(mark: number): string {
  const [bit, others] = [hex(mark), hex(~mark)];
  const ours = `ct label ${connectionLabels.admitted}`;
  const cleared = `meta mark & ${bit} == ${bit} ${ours} meta mark set meta mark & ${others}`;
  const kept = `${ours} ct mark & ${bit} == 0 ct mark set ct mark | ${bit}`;
  return `
	chain marks_before_routing {
		type filter hook prerouting priority mangle + 10; policy accept;
		${cleared}
	}

	chain marks_before_filters {
		type filter hook forward priority mangle + 10; policy accept;
		${kept}
	}

	chain marks_before_leaving {
		type filter hook postrouting priority mangle + 10; policy accept;
		${cleared}
		${kept}
	}
`;
}
