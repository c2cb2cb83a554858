import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';

const CHILD = fileURLToPath(new URL('../../../test/support/host-child.ts', import.meta.url));
const KEY = 'a-key-of-some-length';

interface Child {
  readonly process: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves with its address once it listens. */
  address(): Promise<string>;
  /** Resolves with the exit code. */
  exit(): Promise<number | null>;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(behaviour: string, ...flags: string[]): Child {
  const child = spawn(
    process.execPath,
    [CHILD, 'feed', '--instance', behaviour, '--port', '0', '--log-format', 'json', ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH },
    },
  );
  children.push(child);
  let out = '';
  let err = '';
  child.stdout!.on('data', (bytes) => (out += bytes));
  child.stderr!.on('data', (bytes) => (err += bytes));
  const ended = once(child, 'close');
  return {
    process: child,
    out: () => out,
    err: () => err,
    address: () => vi.waitFor(() => /"address":"([^"]+)"/.exec(out)![1]!, { timeout: 30_000, interval: 20 }),
    exit: async () => (await ended)[0] as number | null,
  };
}

const get = async (url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> => {
  const answer = await fetch(url, { headers });
  return { status: answer.status, body: await answer.text() };
};

test.each(['SIGTERM', 'SIGINT'] as const)('%s drains the service; then the process ends with 0', async (signal) => {
  const child = start('drains');
  const address = await child.address();
  await vi.waitFor(async () => expect((await get(`${address}/ready`)).status).toBe(200));
  child.process.kill(signal);
  expect(await child.exit()).toBe(0);
  expect(child.out()).toContain('drained\n');
});

test('a service that ends by itself ends the process with 0', async () => {
  expect(await start('ends').exit()).toBe(0);
});

test('a service that does not drain is cut off, and the exit code says so', async () => {
  const child = start('stubborn');
  await child.address();
  child.process.kill('SIGTERM');
  expect(await child.exit()).toBe(75);
  expect(child.err()).toBe('pulse: toy did not drain within 10 s and was cut off\n');
});

test('a second signal ends the process at once', async () => {
  const child = start('stubborn');
  await child.address();
  child.process.kill('SIGTERM');
  const again = setInterval(() => child.process.kill('SIGTERM'), 200); // ambient-ok: asks until it listens
  expect(await child.exit()).toBe(130);
  clearInterval(again);
});

test.each([
  'away',
  'unmade',
])('a service whose engine is %s waits, says so in /ready, and keeps the password to itself', async (behaviour) => {
  const child = start(behaviour, '--redis-url', 'redis://desk:hunter22@redis');
  const address = await child.address();
  await vi.waitFor(async () => {
    const { status, body } = await get(`${address}/ready`);
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ ready: false, services: { toy: { ready: false, state: 'waiting' } } });
    expect(body).toContain('cannot reach Redis at redis://desk:[secret]@redis: connection refused');
  });
  expect((await get(`${address}/health`)).status).toBe(200);
  child.process.kill('SIGTERM');
  expect(await child.exit()).toBe(0);
  expect(child.out()).toContain('engine.lost');
  expect(child.out()).not.toContain('hunter22');
});

test('a service comes back by itself when its engine does', async () => {
  const child = start('returns-late');
  const address = await child.address();
  await vi.waitFor(async () => expect((await get(`${address}/ready`)).status).toBe(200), { timeout: 30_000 });
  expect(JSON.parse((await get(`${address}/health`)).body)).toMatchObject({
    status: 'ok',
    instance: 'returns-late',
    services: { toy: { state: 'running', attempts: 4 } },
  });
  const { body } = await get(`${address}/metrics`);
  expect(body).toContain('pulse_service_up{service="toy"} 1');
  expect(body).toContain('pulse_service_retries_total{service="toy",code="redis.unavailable"} 3');
  expect(body).toMatch(/nodejs_eventloop_lag_seconds \d/);
  expect(child.out()).toContain('engine.restored');
});

test.each([
  ['refused', 77, /^pulse: Redis at redis refused AUTH: WRONGPASS; check the user, password and ACL in REDIS_URL\n$/],
  ['defect', 70, /^pulse: unexpected: x is not a function\nTypeError: x is not a function\n/],
])('%s: what no retry mends ends the process with its own code and a clear line', async (behaviour, code, line) => {
  const child = start(behaviour);
  expect(await child.exit()).toBe(code);
  expect(child.err()).toMatch(line);
  expect(child.out()).toContain('service.failed');
});

test('a port in use is one clear line', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const child = start('drains', '--port', String(port));
  expect(await child.exit()).toBe(73);
  expect(child.err()).toBe(
    `pulse: port ${port} of 127.0.0.1 is in use; stop what listens there, or give another --port (PULSE_PORT)\n`,
  );
  other.close();
});

test('an address of another machine is one clear line', async () => {
  const child = start('drains', '--host', '192.0.2.1', '--insecure-public');
  expect(await child.exit()).toBe(73);
  expect(child.err()).toMatch(
    /^pulse: cannot listen on 192\.0\.2\.1:0: .*; correct --host \(PULSE_HOST\) or --port \(PULSE_PORT\)\n$/,
  );
});

test('with an API key only /health and /ready answer without it', async () => {
  const child = start('drains', '--api-key', KEY);
  const address = await child.address();
  const status = async (path: string, headers?: Record<string, string>) => (await get(address + path, headers)).status;
  expect(await status('/health')).toBe(200);
  expect([200, 503]).toContain(await status('/ready'));
  expect(await status('/metrics')).toBe(401);
  expect(await status('/anything')).toBe(401);
  expect(await status('/metrics', { 'x-api-key': 'a-key-of-other-length' })).toBe(401);
  expect(await status('/metrics', { 'x-api-key': KEY })).toBe(200);
  expect(await status('/metrics', { authorization: `Bearer ${KEY}` })).toBe(200);
  expect(await status('/anything', { 'x-api-key': KEY })).toBe(404);
  child.process.kill('SIGTERM');
  await child.exit();
  expect(child.out()).not.toContain(KEY);
});

test('what is refused is told in one form', async () => {
  const child = start('drains', '--api-key', KEY);
  const address = await child.address();
  const answer = async (path: string, headers?: Record<string, string>) =>
    JSON.parse((await get(address + path, headers)).body);
  expect(await answer('/nowhere', { 'x-api-key': KEY })).toEqual({ detail: 'there is no /nowhere' });
  expect(await answer('/metrics')).toEqual({
    detail: 'send an API key as "X-API-Key: <key>" or "Authorization: Bearer <key>"',
  });
  expect(await answer('/metrics', { 'x-api-key': 'a-key-of-other-length' })).toEqual({
    detail: 'the API key is none of those that PULSE_API_KEY of this server holds',
  });
  child.process.kill('SIGTERM');
  await child.exit();
});
