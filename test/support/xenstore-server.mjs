// A xenstore for tests without Xen, whose own daemons do not run there: the protocol of Xen's docs/misc/xenstore.txt on the
// socket where libxenstore looks for it, so that Xen's programs (xenstore-ls, -read, -write, -rm) are the real ones.
// Transactions do not isolate: whoever tests has the store for himself.
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';

const types = {
  directory: 1,
  read: 2,
  transactionStart: 6,
  transactionEnd: 7,
  write: 11,
  mkdir: 12,
  rm: 13,
  error: 16,
};

/** Values by path. Every node's parents are nodes, too. */
const nodes = new Map([['/', '']]);

const answers = {
  [types.directory]: ([path]) => {
    const prefix = path === '/' ? '/' : `${path}/`;
    if (!nodes.has(path)) return undefined;
    const names = [...nodes.keys()].filter(
      (one) => one !== '/' && one.startsWith(prefix) && !one.slice(prefix.length).includes('/'),
    );
    return names.map((one) => `${one.slice(prefix.length)}\0`).join('');
  },
  [types.read]: ([path]) => nodes.get(path),
  [types.transactionStart]: () => '1\0',
  [types.transactionEnd]: () => 'OK\0',
  [types.write]: ([path, value]) => {
    make(path);
    nodes.set(path, value);
    return 'OK\0';
  },
  [types.mkdir]: ([path]) => {
    make(path);
    return 'OK\0';
  },
  [types.rm]: ([path]) => {
    for (const one of nodes.keys()) if (one === path || one.startsWith(`${path}/`)) nodes.delete(one);
    return 'OK\0';
  },
};

function make(path) {
  const parts = path.split('/').slice(1);
  for (const index of parts.keys()) {
    const node = `/${parts.slice(0, index + 1).join('/')}`;
    if (!nodes.has(node)) nodes.set(node, '');
  }
}

/** A path without a slash at its front is the caller's own: dom0's. */
function absolute(path) {
  const plain = path.replace(/(?<=.)\/+$/, '');
  return plain.startsWith('/') ? plain : `/local/domain/0/${plain}`;
}

function reply(type, header, payload) {
  const body = Buffer.from(payload, 'latin1');
  const message = Buffer.alloc(16 + body.length);
  header.copy(message, 0, 0, 12);
  message.writeUInt32LE(type, 0);
  message.writeUInt32LE(body.length, 12);
  body.copy(message, 16);
  return message;
}

function serve(socket) {
  let pending = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= 16) {
      const length = pending.readUInt32LE(12);
      if (pending.length < 16 + length) return;
      const payload = pending.subarray(16, 16 + length).toString('latin1');
      const end = payload.indexOf('\0');
      const [path, value] = end < 0 ? [payload, ''] : [payload.slice(0, end), payload.slice(end + 1)];
      const type = pending.readUInt32LE(0);
      const answer = answers[type]?.([absolute(path), value]);
      socket.write(
        answer === undefined ? reply(types.error, pending, 'ENOENT\0') : reply(type, pending, answer),
      );
      pending = pending.subarray(16 + length);
    }
  });
}

make('/local/domain/0/domid');
nodes.set('/local/domain/0/domid', '0');
mkdirSync('/run/xenstored', { recursive: true });
createServer(serve).listen('/run/xenstored/socket');
