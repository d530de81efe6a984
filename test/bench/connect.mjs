// Connects to host:port so many times, one after the other; prints the milliseconds each took, as JSON.
import { connect } from 'node:net';

const [host, port, count] = process.argv.slice(2);
const times = [];
for (let index = 0; index < Number(count); index++) {
  const began = performance.now();
  await new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) }, () => {
      times.push(performance.now() - began);
      socket.resetAndDestroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
console.log(JSON.stringify(times));
