import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listeningPorts } from '../../../src/system/listening-ports.ts';

async function whileListening(host: string): Promise<ReturnType<typeof listeningPorts>> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, host, done));
  const { port } = server.address() as { port: number };
  const found = listeningPorts().filter((one) => one.protocol === 'tcp' && one.port === port);
  await new Promise((done) => server.close(done));
  return found;
}

test('a port that is open to others counts, one at the loopback address does not', async () => {
  expect(await whileListening('0.0.0.0')).toMatchObject([{ protocol: 'tcp' }]);
  expect((await whileListening('0.0.0.0'))[0]).not.toHaveProperty('address');
  expect(await whileListening('127.0.0.1')).toEqual([]);
});
