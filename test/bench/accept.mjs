// Accepts connections on port 80 until it is ended.
import { createServer } from 'node:net';

createServer((socket) => socket.on('error', () => {}).resume()).listen(80, () => console.log('ready'));
