import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ServiceProcess } from '../support/service-process.ts';

/** Port of a server that takes connections and says nothing. */
async function takenPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function endOf(words: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-mcp2-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const service = new ServiceProcess(words, { PULSE_DATA_DIR: folder, ...env });
  onTestFinished(async () => void (await service.end('SIGKILL')));
  return service.start(/listens on/).then(
    () => `it started:\n${service.printed}`,
    (error: Error) => error.message,
  );
}

const inUse = (port: number): string =>
  `pulse: port ${port} of 127.0.0.1 is in use; stop what listens there, or give another --mcp2-port (MCP2_PORT)\n`;

test('on a port that is taken mcp2 ends with that alone: the engines that it had begun to ask are not lost', async () => {
  const port = await takenPort();
  expect(
    await endOf(['mcp2'], {
      MCP2_PORT: String(port),
      REDIS_URL: `redis://127.0.0.1:${port}`,
      PG_DSN: `postgres://pulse:secret@127.0.0.1:${port}/pulse`,
      KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}`,
    }),
  ).toBe(`mcp2 ended with 73:\n${inUse(port)}`);
});

test('on a port that is taken for mcp2 `pulse up` names that port, before it plays anything', async () => {
  const port = await takenPort();
  expect(await endOf(['up', '--feed', 'none'], { MCP2_PORT: String(port) })).toBe(
    `up --feed none ended with 73:\n${inUse(port)}`,
  );
});
