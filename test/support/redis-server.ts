import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises'; // ambient-ok: waits for a server process
import { promisify } from 'node:util';
import { createClient } from 'redis';

export interface RedisServer {
  /** The same after every start. */
  readonly url: string;
  /** Null while it does not run. */
  readonly pid: number | null;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  dispose(): Promise<void>;
}

export interface RedisServerOptions {
  /** More arguments: `['--client-output-buffer-limit', 'pubsub 1mb 1mb 1']`. */
  readonly args?: readonly string[];
}

/** Why no server can run here, or null. */
export async function redisAvailable(): Promise<string | null> {
  try {
    await promisify(execFile)('redis-server', ['--version']);
    return null;
  } catch {
    return 'redis-server is not installed';
  }
}

/** Starts a server of its own on loopback; streams survive a restart. It ends with this process. */
export async function startRedis({ args = [] }: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}/0`;
  let child: ChildProcess | null = null;
  const end = (): void => void child?.kill('SIGKILL');
  process.once('exit', end);

  async function start(): Promise<void> {
    const settings = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--save',
      '',
      '--appendfsync',
      'everysec',
    ];
    child = spawn('redis-server', [...settings, ...args], { stdio: 'ignore' });
    await answering(url);
  }

  async function end_(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const exit = once(running, 'exit');
    running.kill(signal);
    await exit;
  }

  await start();
  return {
    url,
    get pid() {
      return child?.pid ?? null;
    },
    start,
    stop: () => end_('SIGTERM'),
    kill: () => end_('SIGKILL'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async dispose() {
      process.removeListener('exit', end);
      await end_('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.ping();
      client.destroy();
      return;
    } catch (error) {
      if (client.isOpen) client.destroy();
      if (attempt > 200) throw error;
      await sleep(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
