import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { askRedis } from './resp.ts';

/** A Redis of the judge's own, on loopback. A kill loses nothing of a stream: every write is with the system before it is answered. */
export class RedisProcess {
  readonly port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#args = args;
  }

  static async start(folder: string, args: readonly string[] = []): Promise<RedisProcess> {
    const made = new RedisProcess(await freePort(), folder, args);
    await made.start();
    return made;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const settings = {
      port: this.port,
      bind: '127.0.0.1',
      dir: this.#folder,
      logfile: join(this.#folder, 'redis.log'),
      appendonly: 'yes',
      // Written before it is answered, and what a killed process has written stays: only the machine could lose it.
      appendfsync: 'no',
      save: '',
    };
    const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#child = spawn('redis-server', [...words, ...this.#args], { stdio: 'ignore' });
    for (let attempt = 0; attempt < 400; attempt += 1) {
      if (this.#child.exitCode !== null) break;
      const answer = await askRedis(this.port, 'PING').catch(() => null);
      if (answer === 'PONG') return;
      await sleep(25);
    }
    throw new Error(`redis-server does not answer:\n${(await this.log()).slice(-2_000)}`);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exit;
  }

  /** All that it has logged. */
  log(): Promise<string> {
    return readFile(join(this.#folder, 'redis.log'), 'utf8').catch(() => '');
  }
}

/** How often Redis cut a subscriber off because it was too slow, by its own log. */
export const cutOffs = (log: string): number => log.split('overcoming of output buffer limits').length - 1;

/** Why no server can run here, or null. */
export const redisMissing = (): string | null =>
  spawnSync('redis-server', ['--version']).status === 0 ? null : 'redis-server is not installed';
