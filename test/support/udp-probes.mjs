// One packet a connection, from many at once, and who got it. In a server's namespace: node udp-probes.mjs --listen NAME
// PORT...: prints "NAME PORT SOURCE-ADDRESS TEXT" for each datagram, and "NAME has told of all" when a line on stdin asks for
// it and nothing lies in the sockets. As a client: node udp-probes.mjs, with a JSON list
// of {"id", "from"?, "address", "port"} on stdin: prints the ids that were refused, as a JSON list.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

const [mode, name, ...ports] = process.argv.slice(2);
if (mode === '--listen') {
  for (const port of ports) listen(Number(port));
  // The sockets are read between one turn and the next.
  const say = () => console.log(`${name} has told of all`);
  process.stdin.on('data', () => setImmediate(() => setImmediate(() => setImmediate(say))));
} else await send(JSON.parse(readFileSync(0, 'utf8')));

function listen(port) {
  const socket = createSocket('udp4');
  socket.on('message', (text, from) => console.log(`${name} ${port} ${from.address} ${text}`));
  socket.bind(port);
}

/** How long a refusal may take, in milliseconds. */
async function send(probes) {
  const patience = 400;
  const refused = [];
  await Promise.all(
    probes.map(
      ({ id, from, address, port }) =>
        new Promise((resolve) => {
          const socket = createSocket('udp4');
          const end = () => {
            socket.close();
            resolve();
          };
          const timer = setTimeout(end, patience);
          const refuse = () => {
            refused.push(id);
            clearTimeout(timer);
            end();
          };
          socket.once('error', refuse);
          socket.bind(0, from, () =>
            socket.connect(port, address, () => socket.send(String(id), (error) => error && refuse())),
          );
        }),
    ),
  );
  console.log(JSON.stringify([...new Set(refused)]));
}
