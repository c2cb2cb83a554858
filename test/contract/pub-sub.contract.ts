import { expect } from 'vitest';
import type { Message, PubSub } from '../../src/ports/pub-sub.ts';
import { contract } from './contract.ts';
import type { Tools } from './tools.ts';

/** What a subscriber is told, in order: channel and payload of messages, `joined`, `lost <reason>`. */
class Heard {
  readonly messages: Message[] = [];
  readonly events: string[] = [];
  /** When the subscription that stands was asked for (epoch milliseconds). */
  asked = Number.NaN;

  message(channel: string, payload: Buffer): void {
    this.messages.push({ channel, payload });
    this.events.push('message');
  }

  joined(asked = Date.now()): void {
    this.events.push('joined');
    this.asked = asked;
  }

  lost(reason: string): void {
    this.events.push(`lost ${reason}`);
  }

  get texts(): string[] {
    return this.messages.map(({ payload }) => payload.toString());
  }
}

/** Subscribes, and resolves when the subscription stands. */
async function listen(pubSub: PubSub, pattern: string, tools: Tools<PubSub>, heard = new Heard()): Promise<Heard> {
  tools.background(pubSub.subscribe(pattern, heard, tools.signal));
  await tools.until('the subscription stands', () => heard.events.includes('joined'));
  return heard;
}

/** A listener that, at each `every`th message, does nothing else for `ms`. */
class SlowHeard extends Heard {
  readonly #every: number;
  readonly #ms: number;

  constructor(every: number, ms: number) {
    super();
    this.#every = every;
    this.#ms = ms;
  }

  override message(channel: string, payload: Buffer): void {
    if (this.messages.length % this.#every === 0) standStill(this.#ms);
    super.message(channel, payload);
  }
}

/** Does nothing else for so long. */
function standStill(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

/** Text of a length that tells it from others of the same length. */
const long = (word: string, length: number): Buffer =>
  Buffer.from(`${word} `.repeat(length / (word.length + 1) + 1)).subarray(0, length);

const message = (channel: string, text: string): Message => ({ channel, payload: Buffer.from(text) });
const numbered = (channel: string, from: number, count: number): Message[] =>
  Array.from({ length: count }, (_, i) => message(channel, String(from + i)));

export const pubSubContract = contract<PubSub>('pub-sub', [
  [
    'delivers what is published, once, in order, with its channel',
    async (pubSub, tools) => {
      const channel = tools.name('ticks.EURUSD');
      const heard = await listen(pubSub, channel, tools);
      for (let n = 0; n < 50_000; n += 1_000) await pubSub.publish(numbered(channel, n, 1_000));
      await tools.until('all are there', () => heard.messages.length >= 50_000);
      expect(heard.texts).toEqual(Array.from({ length: 50_000 }, (_, n) => String(n)));
      expect(heard.messages.every((m) => m.channel === channel)).toBe(true);
    },
  ],
  [
    'delivers every byte as it was, none and all of them',
    async (pubSub, tools) => {
      const channel = tools.name('ticks.EURUSD');
      const heard = await listen(pubSub, channel, tools);
      const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await pubSub.publish([
        { channel, payload: all },
        message(channel, ''),
        { channel, payload: Buffer.alloc(1_000_000, 7) },
      ]);
      await tools.until('all are there', () => heard.messages.length === 3);
      expect(heard.messages.map(({ payload }) => Buffer.compare(payload, payload))).toEqual([0, 0, 0]);
      expect(heard.messages[0]!.payload.equals(all)).toBe(true);
      expect(heard.messages[1]!.payload).toHaveLength(0);
      expect(heard.messages[2]!.payload).toHaveLength(1_000_000);
    },
  ],
  [
    'delivers the channels that match a pattern, and no others',
    async (pubSub, tools) => {
      const prefix = tools.name('p');
      const heard = await listen(pubSub, `${prefix}.ticks.*`, tools);
      const channels = ['ticks.EURUSD', 'ticks.', 'bars.EURUSD', 'tick.EURUSD', 'ticks.BTC-PERP'];
      await pubSub.publish(channels.map((channel) => message(`${prefix}.${channel}`, channel)));
      await tools.until('the last is there', () => heard.texts.includes('ticks.BTC-PERP'));
      expect(heard.texts).toEqual(['ticks.EURUSD', 'ticks.', 'ticks.BTC-PERP']);
    },
  ],
  [
    'delivers nothing that was published before the subscription',
    async (pubSub, tools) => {
      const channel = tools.name('ticks.EURUSD');
      await pubSub.publish([message(channel, 'before')]);
      const heard = await listen(pubSub, channel, tools);
      await pubSub.publish([message(channel, 'after')]);
      await tools.until('it is there', () => heard.messages.length > 0);
      expect(heard.texts).toEqual(['after']);
      expect(heard.events).toEqual(['joined', 'message']);
    },
  ],
  [
    'delivers to every subscriber',
    async (pubSub, tools) => {
      const channel = tools.name('ticks.EURUSD');
      const [a, b] = [await listen(pubSub, channel, tools), await listen(pubSub, channel, tools)];
      await pubSub.publish(numbered(channel, 0, 10));
      await tools.until('both have all', () => a.messages.length === 10 && b.messages.length === 10);
      expect(a.texts).toEqual(b.texts);
    },
  ],
  [
    'delivers nothing more once the subscriber has ended, and does not call that a loss',
    async (pubSub, tools) => {
      const channel = tools.name('ticks.EURUSD');
      const stop = new AbortController();
      const ended = new Heard();
      const subscription = pubSub.subscribe(channel, ended, stop.signal);
      await tools.until('it stands', () => ended.events.includes('joined'));
      const other = await listen(pubSub, channel, tools);
      stop.abort();
      await subscription;
      await pubSub.publish([message(channel, 'late')]);
      await tools.until('the other has it', () => other.messages.length === 1);
      expect(ended.events).toEqual(['joined']);
    },
  ],
  [
    'tells of a loss when the server is restarted, joins again by itself, and goes on',
    async (pubSub, tools) => {
      const channel = tools.name('ticks.EURUSD');
      const heard = await listen(pubSub, channel, tools);
      await pubSub.publish([message(channel, 'before')]);
      await tools.until('it is there', () => heard.messages.length === 1);
      await tools.fault('server restart');
      await tools.until('it has joined again', () => heard.events.filter((e) => e === 'joined').length === 2);
      await tools.until('a message arrives', async () => {
        await pubSub.publish([message(channel, 'after')]).catch(() => undefined);
        return heard.texts.includes('after');
      });
      expect(heard.events.slice(0, 4)).toEqual(['joined', 'message', 'lost disconnect', 'joined']);
    },
  ],
  [
    'keeps the order over many channels, and tells each message its own',
    async (pubSub, tools) => {
      const prefix = tools.name('ticks');
      const heard = await listen(pubSub, `${prefix}.*`, tools, new SlowHeard(100, 2));
      const all = Array.from({ length: 40_000 }, (_, n) => message(`${prefix}.S${(n * 7_919) % 5_000}`, String(n)));
      for (let n = 0; n < all.length; n += 2_000) await pubSub.publish(all.slice(n, n + 2_000));
      await tools.until('all are there', () => heard.messages.length >= all.length);
      expect(heard.messages.map(({ channel, payload }) => `${channel} ${payload}`)).toEqual(
        all.map(({ channel, payload }) => `${channel} ${payload}`),
      );
    },
  ],
  [
    'delivers large payloads among small ones, whole and in order',
    async (pubSub, tools) => {
      const channel = tools.name('ticks.EURUSD');
      const heard = await listen(pubSub, channel, tools);
      const lengths = [1_000_000, 3, 262_144, 262_100, 1, 1_048_576, 65_536, 0, 2_500_000, 7, 131_072];
      const sent = lengths.map((length, i) => ({ channel, payload: long(`payload ${i}`, length) }));
      for (const each of sent) await pubSub.publish([each, message(channel, 'between')]);
      await tools.until('all are there', () => heard.messages.length >= 2 * sent.length);
      const large = heard.messages.filter((_, i) => i % 2 === 0);
      expect(large.map(({ payload }) => payload.length)).toEqual(lengths);
      expect(large.every(({ payload }, i) => payload.equals(sent[i]!.payload))).toBe(true);
      expect(heard.texts.filter((_, i) => i % 2 === 1)).toEqual(lengths.map(() => 'between'));
    },
  ],
  [
    'loses nothing where the listener is slow',
    async (pubSub, tools) => {
      const channel = tools.name('ticks.EURUSD');
      const heard = await listen(pubSub, channel, tools, new SlowHeard(1_000, 30));
      // At once: each answer would wait for the listener.
      await Promise.all(Array.from({ length: 35 }, (_, i) => pubSub.publish(numbered(channel, 2_000 * i, 2_000))));
      await tools.until(
        'all are there',
        () => heard.messages.length >= 70_000 || heard.events.some((event) => event.startsWith('lost')),
      );
      expect(heard.events.filter((event) => event !== 'message')).toEqual(['joined']);
      expect(heard.texts.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 70_000 }, (_, n) => n));
    },
  ],
  [
    'calls it no overflow when the connection of a subscriber that stood still is closed',
    async (pubSub, tools) => {
      const channel = tools.name('ticks.EURUSD');
      const heard = await listen(pubSub, channel, tools);
      await pubSub.publish(numbered(channel, 0, 1_000));
      await tools.until('they are there', () => heard.messages.length === 1_000);
      standStill(2_000);
      await tools.fault('subscriber killed');
      await tools.until('it has joined again', () => heard.events.filter((e) => e === 'joined').length === 2);
      expect(heard.events.filter((event) => event !== 'message')).toEqual(['joined', 'lost disconnect', 'joined']);
    },
  ],
  [
    'notices a server that does not answer, and joins again when it does',
    async (pubSub, tools) => {
      const heard = await listen(pubSub, tools.name('ticks.EURUSD'), tools);
      await tools.fault('server stands still, until it goes on');
      const begun = performance.now();
      await tools
        .until('it is lost', () => heard.events.length > 1, 20_000)
        .finally(() => tools.fault('server goes on')); // detached: `finally` awaits it
      // It may still do after four seconds: a busy server is not a lost one.
      expect(performance.now() - begun).toBeGreaterThan(4_000);
      await tools.until('it has joined again', () => heard.events.includes('joined', 2));
      expect(heard.events).toEqual(['joined', 'lost disconnect', 'joined']);
    },
  ],
]);
