import { expect } from 'vitest';
import { publicAddress, publicAddress6 } from '../support/lab.ts';
import { ownLabTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/** An INIT chunk, the first packet of an association (RFC 9260, 3.3.2), by hand: few kernels have sockets of sctp. */
const sendInit = `import socket,struct,sys
def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8): crc = (crc >> 1) ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff
address, port = sys.argv[1], int(sys.argv[2])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
chunk = struct.pack("!BBHIIHHI", 1, 0, 20, 0x1234, 0x10000, 10, 10, 1)
head = struct.pack("!HHI", 40000, port, 0)
packet = head + struct.pack("<I", crc32c(head + bytes(4) + chunk)) + chunk
raw = socket.socket(family, socket.SOCK_RAW, 132)
if family == socket.AF_INET6: raw.sendto(packet, (address, 0, 0, 0))
else: raw.sendto(packet, (address, 0))
`;

const arrivals = `table inet arrived {
	set from4 { type ipv4_addr . inet_service; flags dynamic; }
	set from6 { type ipv6_addr . inet_service; flags dynamic; }
	chain input {
		type filter hook input priority 0;
		meta l4proto sctp add @from4 { ip saddr . th dport }
		meta l4proto sctp add @from6 { ip6 saddr . th dport }
	}
}
`;

const { test: testInBoth, web: both } = ownLabTest({ guests: ['web'], ipv6: true, forwarding: 'DROP' });

testInBoth(
  'sctp: an association reaches the guest in both families, at its port, with the client’s address',
  async ({ lab }) => {
    lab.host.run('nft', ['-f', '-'], { input: arrivals, in: 'guest1' });
    lab.host.write('/tmp/send-init.py', sendInit);
    const send = (address: string, port: number) =>
      lab.host.run('python3', ['/tmp/send-init.py', address, String(port)], { in: 'client' });
    const arrived = () => {
      const listing = lab.host.sh('nft list table inet arrived', { in: 'guest1' });
      return (listing.match(/[0-9a-f.:]+ \. \d+/g) ?? []).sort();
    };
    lab.configure(
      `[guest.web]\naddress = ["${both.address}", "${both.address6}"]\nforward = ["2905:2906/sctp", "7000-7009/sctp", "2907/tcp"]\n`,
    );
    lab.hook(both, 'started');
    // Nobody sends again what is lost while neighbours are still sought. What must not arrive goes first each time.
    await until('all have arrived', () => {
      for (const address of [publicAddress, publicAddress6])
        for (const port of [2907, 2905, 7003]) send(address, port);
      return arrived().length >= 4;
    });
    expect(arrived()).toEqual([
      '198.51.100.2 . 2906',
      '198.51.100.2 . 7003',
      '2001:db8:1::2 . 2906',
      '2001:db8:1::2 . 7003',
    ]);
    lab.end(both);
  },
);

const { test, web } = ownLabTest({ guests: ['web'] });

test('one forward for several protocols', ({ lab }) => {
  const proto = '<gg:portForward proto="tcp+udp"><gg:range start="53"/></gg:portForward>';
  lab.configure(`[guest.web]\naddress = "${web.address}"\n`);
  const metadata = `<gg:guest xmlns:gg="urn:guestgate:1">${proto}</gg:guest>`;
  expect(lab.hook(web, 'started', { metadata }).stderr).toContain('2 forwards to');
  expect(lab.ask('client', publicAddress, 53)).toContain('hello from guest1');
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["22:22/udp+tcp"]\n`);
  expect(lab.hook(web, 'started').stderr).toContain('2 forwards to');
  expect(lab.fetch('client', publicAddress, 22)).toContain('hello from guest1');
});
