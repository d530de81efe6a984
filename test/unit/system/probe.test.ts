import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { probe } from '../../../src/system/probe.ts';

/** A server on a free port of loopback. */
async function serve(): Promise<number> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

test('a program that listens answers, also to another address of the host', async () => {
  const port = await serve();
  expect(await probe('127.0.0.1', port)).toBe('answered');
  expect(await probe('127.0.0.1', port, '127.0.0.2')).toBe('answered');
});

test('a port on which none listens is refused', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  expect(await probe('127.0.0.1', port)).toBe('refused');
});

test('a source that the host does not have cannot reach anything', async () => {
  expect(await probe('127.0.0.1', await serve(), '192.0.2.77')).toBe('unreachable');
});
