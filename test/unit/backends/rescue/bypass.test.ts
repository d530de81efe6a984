import { expect, test } from 'vitest';
import { renderBypass, renderBypassEnd } from '../../../../src/backends/rescue/bypass.ts';
import type { RescuePlace } from '../../../../src/model/saved-rules.ts';

const place: RescuePlace = {
  families: ['ip'],
  outside: ['eth0'],
  trusted: [],
  sshPorts: [22],
  tunnelPorts: [],
  mark: 0x10000000,
};

const listing = `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:GUESTGATE-FORWARD - [0:0]
-A FORWARD -j GUESTGATE-FORWARD
-A FORWARD -j REJECT
COMMIT
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
`;

test('where another back end makes the working set, chains that could block accept; others are left alone', () => {
  expect(renderBypass(listing, 'ip')).toBe(`*filter
:GG-RESCUE-INPUT - [0:0]
-A GG-RESCUE-INPUT -j ACCEPT
-I INPUT 1 -j GG-RESCUE-INPUT
:GG-RESCUE-FORWARD - [0:0]
-A GG-RESCUE-FORWARD -j ACCEPT
-I FORWARD 2 -j GG-RESCUE-FORWARD
COMMIT
`);
});

test('a jump of ours that others moved down comes up as a copy', () => {
  const moved = listing.replace(
    '-A FORWARD -j GUESTGATE-FORWARD\n-A FORWARD -j REJECT',
    '-A FORWARD -j REJECT\n-A FORWARD -j GUESTGATE-FORWARD',
  );
  expect(renderBypass(moved, 'ip')).toContain(
    '-I FORWARD 1 -j GG-RESCUE-FORWARD\n-I FORWARD 1 -j GUESTGATE-FORWARD\n',
  );
});

test('the working set: ssh in, guests out, and what the host has never used is made', () => {
  const text = renderBypass(listing, 'ip', place);
  expect(text).toContain('-A GG-RESCUE-INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n');
  expect(text.indexOf('-A GG-RESCUE-INPUT -i eth0 -j DROP')).toBeLessThan(text.indexOf('--dport 53'));
  expect(text).toContain('-A GG-RESCUE-FORWARD -m connmark --mark 0x10000000/0x10000000 -j ACCEPT\n');
  expect(text).toContain('*nat\n:GG-RESCUE-POSTROUTING - [0:0]\n');
  expect(text).toContain('-s 10.0.0.0/8 -o eth0 -m addrtype ! --src-type LOCAL -j MASQUERADE\n');
  expect(renderBypass(listing, 'ip', { ...place, outside: [] })).not.toContain('-j DROP');
});

test('only the tables that were asked for', () => {
  const raw = listing.replace(':PREROUTING ACCEPT', ':PREROUTING DROP');
  expect(renderBypass(raw, 'ip')).toContain('*raw');
  expect(renderBypass(raw, 'ip', undefined, ['filter'])).not.toContain('*raw');
});

test('names of chains fit into iptables: 28 characters', () => {
  for (const chain of ['PREROUTING', 'POSTROUTING']) expect(`GG-RESCUE-${chain}`.length).toBeLessThan(29);
});

test('undone are its jumps, its chains and copies of ours, once', () => {
  const during = `*filter
:FORWARD ACCEPT [0:0]
:GG-RESCUE-FORWARD - [0:0]
:GUESTGATE-FORWARD - [0:0]
-A FORWARD -j GUESTGATE-FORWARD
-A FORWARD -j GG-RESCUE-FORWARD
-A FORWARD -j REJECT
-A FORWARD -j GUESTGATE-FORWARD
-A GG-RESCUE-FORWARD -j ACCEPT
COMMIT
`;
  expect(renderBypassEnd(during)).toBe(`*filter
-D FORWARD -j GG-RESCUE-FORWARD
-D FORWARD -j GUESTGATE-FORWARD
-F GG-RESCUE-FORWARD
-X GG-RESCUE-FORWARD
COMMIT
`);
  expect(renderBypassEnd(listing)).toBe('');
});
