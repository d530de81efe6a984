import { createSocket } from 'node:dgram';

/*
 * Asks for an address by DHCPv6 (RFC 8415, 18.2), and prints it: `node dhcp6-client.mjs INTERFACE DUID IAID`, the identifier
 * in hex, the number in decimal. Ends with 1 if nothing answers.
 */

const [link = '', duid = '', iaid = ''] = process.argv.slice(2);
const codes = { clientId: 1, serverId: 2, addresses: 3, address: 5, elapsed: 8 };
const kinds = { solicit: 1, advertise: 2, request: 3, reply: 7 };

const socket = createSocket('udp6');
const timeout = setTimeout(() => {
  process.exitCode = 1;
  socket.close();
}, 20_000);
socket.on('message', (answer) => {
  const options = optionsOf(answer.subarray(4));
  const addresses = options.get(codes.addresses);
  if (addresses === undefined) return;
  if (answer[0] === kinds.advertise)
    send(
      kinds.request,
      option(codes.serverId, options.get(codes.serverId)),
      option(codes.addresses, addresses),
    );
  if (answer[0] !== kinds.reply) return;
  const bytes = optionsOf(addresses.subarray(12)).get(codes.address)?.subarray(0, 16).toString('hex') ?? '';
  console.log(bytes.match(/..../g)?.join(':'));
  clearTimeout(timeout);
  socket.close();
});
socket.bind(546, () => {
  const asked = Buffer.alloc(12);
  asked.writeUInt32BE(Number(iaid), 0);
  send(kinds.solicit, option(codes.addresses, asked));
});

function send(kind, ...options) {
  const always = [option(codes.clientId, Buffer.from(duid, 'hex')), option(codes.elapsed, Buffer.alloc(2))];
  socket.send(
    Buffer.concat([Buffer.from([kind, 0, 0, kind]), ...always, ...options]),
    547,
    `ff02::1:2%${link}`,
  );
}

function option(code, body = Buffer.alloc(0)) {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

function optionsOf(bytes) {
  const found = new Map();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt16BE(at + 2);
    found.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return found;
}
