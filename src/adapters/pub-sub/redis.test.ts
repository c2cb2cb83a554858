import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type RedisServer, redisAvailable, startRedis } from '../../../test/support/redis-server.ts';
import { systemClock } from '../clock/system.ts';
import { type RedisPubSubOptions, redisPubSub } from './redis.ts';

const clock = systemClock();
const why = await redisAvailable();

const SUBSCRIBER = fileURLToPath(new URL('../../../test/support/subscriber-process.ts', import.meta.url));

/** Publishes the numbers [0, n), padded to a kilobyte, within the server: all of them are there at once, whatever subscribers do. */
const FLOOD = `for i = 0, ARGV[1] - 1 do redis.call('publish', KEYS[1], i .. string.rep(' ', 1000)) end`;

describe.skipIf(why !== null)(why === null ? 'pub/sub of Redis' : `skipped, because ${why}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.dispose());

  async function tell(...words: string[]): Promise<void> {
    const client = createClient({ url: redis.url, socket: { reconnectStrategy: false } });
    await client.connect();
    await client.sendCommand(words);
    client.destroy();
  }

  /** Subscribes; what it is told, messages as their texts. `slow`: milliseconds that every thousandth message takes. */
  async function subscribe(
    channel: string,
    slow = 0,
    options: Partial<RedisPubSubOptions> = {},
    takesMore: () => boolean = () => true,
  ): Promise<{ told: string[]; end: () => Promise<void> }> {
    const pubSub = redisPubSub({ url: redis.url, clock, ...options });
    const told: string[] = [];
    const stop = new AbortController();
    const subscription = pubSub.subscribe(
      channel,
      {
        takesMore,
        message(_channel, payload) {
          if (told.length % 1_000 === 0) for (const until = clock.monotonic() + slow; clock.monotonic() < until; );
          told.push(payload.toString().trimEnd());
        },
        joined: () => void told.push('joined'),
        lost: (reason) => void told.push(`lost ${reason}`),
      },
      stop.signal,
    );
    const end = (): Promise<void> => {
      stop.abort();
      return subscription;
    };
    onTestFinished(async () => {
      await end();
      await pubSub.close();
    });
    return { told, end };
  }

  /** The same, once it stands. */
  async function listen(...words: Parameters<typeof subscribe>): Promise<string[]> {
    const { told } = await subscribe(...words);
    await until(() => told.includes('joined'));
    return told;
  }

  async function until(condition: () => boolean, limitMs = 60_000): Promise<void> {
    for (const begun = clock.monotonic(); !condition(); await clock.sleep(20))
      if (clock.monotonic() - begun > limitMs) throw new Error('waited in vain');
  }

  const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n));

  test.each`
    waits                | waitingBytes
    ${'in this process'} | ${undefined}
    ${'mostly in Redis'} | ${50_000}
  `(
    'a backlog that takes longer than a silent server is given is delivered whole, where it waits $waits',
    { timeout: 90_000 },
    async ({ waitingBytes }: { waitingBytes: number | undefined }) => {
      const told = await listen('ticks.SLOW', 500, waitingBytes === undefined ? {} : { waitingBytes });
      await tell('EVAL', FLOOD, '1', 'ticks.SLOW', '20000');
      await until(() => told.length > 20_000 || told.some((each) => each.startsWith('lost')));
      expect(told).toEqual(['joined', ...numbers(20_000)]);
    },
  );

  test('what a listener takes no more of waits, and is told in order once it takes more', {
    timeout: 60_000,
  }, async () => {
    const takes = { more: true };
    const told = await listen('ticks.LATER', 0, {}, () => takes.more);
    await tell('EVAL', FLOOD, '1', 'ticks.LATER', '100');
    await until(() => told.length === 101);
    takes.more = false;
    await tell('EVAL', FLOOD, '1', 'ticks.LATER', '20000');
    await clock.sleep(500);
    expect(told).toHaveLength(101);
    takes.more = true;
    await until(() => told.length >= 20_101);
    expect(told).toEqual(['joined', ...numbers(100), ...numbers(20_000)]);
  });

  test('what has arrived and waits is told when the subscription ends', { timeout: 60_000 }, async () => {
    const takes = { more: true };
    const { told, end } = await subscribe('ticks.ENDS', 0, {}, () => takes.more);
    await until(() => told.includes('joined'));
    takes.more = false;
    await tell('EVAL', FLOOD, '1', 'ticks.ENDS', '20000');
    await clock.sleep(1_000);
    await end();
    expect(told).toEqual(['joined', ...numbers(20_000)]);
  });

  test('a process that was stopped first reads what has arrived, and does not take it for silence', {
    timeout: 60_000,
  }, async () => {
    const child = spawn(process.execPath, [SUBSCRIBER, redis.url, 'ticks.STOPPED'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let told = '';
    child.stdout.on('data', (bytes: Buffer) => (told += bytes.toString()));
    await until(() => told.includes('joined'));
    // So that a PING is under way when it is stopped.
    redis.pause();
    await clock.sleep(2_500);
    child.kill('SIGSTOP');
    redis.resume();
    await tell('EVAL', FLOOD, '1', 'ticks.STOPPED', '2000');
    await clock.sleep(5_500);
    child.kill('SIGCONT');
    await until(() => told.includes('\n1999') || told.includes('lost'));
    await clock.sleep(1_500);
    expect(told.trim().split(/\s+/)).toEqual(['joined', ...numbers(2_000)]);
  });

  test('a user of the URL logs in, and one that may not subscribe is told nothing', { timeout: 60_000 }, async () => {
    await tell('ACL', 'SETUSER', 'desk', 'on', '>p@ss word', '+@all', '&ticks.*');
    const url = redis.url.replace('redis://', 'redis://desk:p%40ss%20word@');
    const told = await listen('ticks.*', 0, { url });
    await tell('EVAL', FLOOD, '1', 'ticks.USER', '3');
    await until(() => told.length === 4);
    expect(told).toEqual(['joined', '0', '1', '2']);
    await expect(
      Promise.race([listen('orders.*', 0, { url }), clock.sleep(1_500).then(() => Promise.reject('not joined'))]),
    ).rejects.toBe('not joined');
  });
});
