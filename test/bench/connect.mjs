// Connects to host:port so many times, one after the other, and then as many with 32 under way at a time; prints the
// milliseconds that each of the first took and how many of the second came through in a second, as JSON.
import { connect } from 'node:net';

const [host, port, count] = process.argv.slice(2);
const times = [];
for (let index = 0; index < Number(count); index++) times.push(await once());
const began = performance.now();
let left = Number(count);
await Promise.all(
  Array.from({ length: 32 }, async () => {
    while (left-- > 0) await once();
  }),
);
console.log(JSON.stringify({ times, perSecond: (1000 * Number(count)) / (performance.now() - began) }));

function once() {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) }, () => {
      const took = performance.now() - began;
      socket.resetAndDestroy();
      resolve(took);
    });
    socket.once('error', reject);
  });
}
