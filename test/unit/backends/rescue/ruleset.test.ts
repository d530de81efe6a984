import { expect, test } from 'vitest';
import {
  enterRescue,
  foreignTables,
  leaveRescue,
  renderRescue,
  tableDifferences,
} from '../../../../src/backends/rescue/ruleset.ts';
import type { RescuePlace } from '../../../../src/model/saved-rules.ts';

const place: RescuePlace = {
  families: ['ip', 'ip6'],
  outside: ['eth0'],
  trusted: ['eth1'],
  sshPorts: [22, 2222],
  tunnelPorts: [51820],
  mark: 0x10000000,
};

test('from the outside ssh, ICMP and tunnels reach the host, and only what is admitted passes', () => {
  const text = renderRescue(place);
  const [, input = '', forward = ''] = text.split(/chain (?:input|forward) /);
  expect(input.indexOf('tcp dport { 22, 2222 } accept')).toBeGreaterThan(0);
  expect(input.indexOf('udp dport { 51820 } accept')).toBeLessThan(
    input.indexOf('iifname { "eth0" } counter drop'),
  );
  expect(input.indexOf('dport 53 accept')).toBeGreaterThan(input.indexOf('iifname { "eth0" } counter drop'));
  expect(forward).toContain('ct mark and 0x10000000 == 0x10000000 accept');
  expect(forward).toMatch(/counter drop\s*}\s*}\s*table ip /);
  expect(text).toContain(
    'oifname { "eth0", "eth1" } ip6 saddr { fc00::/7 } fib saddr type != local masquerade',
  );
});

test('without an interface outside, nothing is dropped', () => {
  expect(renderRescue({ ...place, outside: [] })).not.toContain('drop');
});

test('without IPv6, nothing of it is asked for', () => {
  expect(renderRescue({ ...place, families: ['ip'] })).not.toContain('table ip6');
});

test('the tables sleep, and wake, in one transaction each', () => {
  const tables = [{ family: 'inet', name: 'filter' }] as const;
  expect(enterRescue(tables, place).input).toContain('add table inet filter { flags dormant; }\n');
  expect(enterRescue(tables, undefined).input).not.toContain('hook');
  expect(leaveRescue(tables).input).toMatch(/delete table ip6 guestgate_rescue\nadd table inet filter\n$/);
});

test('tables of guestgate, and those that sleep already, are not touched; an owner is named', () => {
  const listing = `table ip guestgate {
}
table inet asleep {
	flags dormant
}
table inet filter {
	chain input {
	}
}
table ip fw { # progname firewall
	flags owner
}
table ip 9 lives {
}
`;
  expect(foreignTables(listing)).toEqual({
    active: [{ family: 'inet', name: 'filter' }],
    left: [
      { why: 'owned', table: 'ip fw', owner: 'firewall' },
      { why: 'name', table: 'ip 9 lives' },
    ],
  });
});

test('differences are those of other programs: counters, times and rules of guestgate are none', () => {
  const before = `table ip filter {
	chain FORWARD {
		counter packets 1 bytes 60 jump GUESTGATE-FORWARD
		ip saddr 192.0.2.1 counter packets 1 bytes 2 drop
	}

	chain GUESTGATE-FORWARD {
		accept
	}
}
table inet f2b {
	set s {
		elements = { 192.0.2.7 timeout 1d expires 3h2m }
	}
}
table ip gone {
}
`;
  const after = before
    .replace('\t\tcounter packets 1 bytes 60 jump GUESTGATE-FORWARD\n', '')
    .replace('packets 1 bytes 2', 'packets 4 bytes 5')
    .replace('expires 3h2m', 'expires 3h1m')
    .replace('\t\taccept\n', '');
  expect(tableDifferences(before, after)).toEqual([]);
  expect(tableDifferences(before, after.replace('table ip gone {\n}\n', 'table ip new {\n}\n'))).toEqual([
    'nft table ip gone was removed',
    'nft table ip new was made',
  ]);
  expect(tableDifferences(before, after.replace('192.0.2.1 ', '192.0.2.2 '))).toEqual([
    'nft table ip filter was changed',
  ]);
});
