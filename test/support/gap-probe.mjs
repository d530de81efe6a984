// Asks a UDP port from a new source port every few milliseconds, each time as a new connection, and counts who is
// answered. Run in the client's namespace: node probe.mjs ADDRESS PORT EVERY-MS. A line on stdin asks for what was
// seen: {"sent", "answered", "gap": the longest time without an answer, "open": the last five were answered}; the line
// "anew" also forgets it.
// Where a guest answers: node probe.mjs --echo PORT
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const [first, second, third] = process.argv.slice(2);
if (first === '--echo') echo(Number(second));
else probe(first, Number(second), Number(third));

function echo(port) {
  const socket = createSocket('udp4');
  // Who asked may be gone by now.
  socket.on('error', () => {});
  socket.on('message', (text, from) => socket.send(text, from.port, from.address, () => {}));
  socket.bind(port);
}

/** How long an answer may take, in milliseconds: what comes later is none. */
function probe(address, port, every) {
  const patience = 500;
  let probes = [];
  setInterval(() => {
    const one = { at: performance.now(), answered: false };
    probes.push(one);
    const socket = createSocket('udp4');
    const close = () => {
      clearTimeout(timer);
      socket.close();
    };
    const timer = setTimeout(close, patience);
    socket.on('message', () => {
      one.answered = true;
      close();
    });
    // Refused: ICMP said so.
    socket.on('error', close);
    socket.connect(port, address, () => socket.send('?'));
  }, every);
  const lines = createInterface({ input: process.stdin });
  lines.on('close', () => process.exit());
  lines.on('line', (line) => {
    // The last answers may be on their way.
    const settled = performance.now() - patience / 5;
    console.log(JSON.stringify(summarize(probes.filter(({ at }) => at < settled))));
    if (line === 'anew') probes = [];
  });
}

function summarize(seen) {
  let gap = 0;
  let last = seen[0]?.at ?? 0;
  for (const { at, answered } of seen) {
    if (!answered) continue;
    // Two neighbours that are both answered have no gap between them.
    const missed = seen.some((one) => !one.answered && one.at > last && one.at < at);
    if (missed) gap = Math.max(gap, at - last);
    last = at;
  }
  const end = seen.at(-1);
  if (end !== undefined && !end.answered) gap = Math.max(gap, end.at - last);
  const answered = seen.filter((one) => one.answered).length;
  return {
    sent: seen.length,
    answered,
    gap: Math.round(gap),
    open: seen.slice(-5).every((one) => one.answered),
  };
}
