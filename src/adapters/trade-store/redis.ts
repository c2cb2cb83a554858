import { PulseError } from '../../domain/errors/errors.ts';
import type { NewTrade, StoredTrade, StoreResult, TradeStore } from '../../ports/trade-store.ts';
import { GroupCommit } from '../group-commit.ts';
import { RedisConnection, type RedisOptions } from '../redis/connection.ts';
import { runScript, send } from '../redis/script.ts';
import { conflict, IDEMPOTENCY_MS, idempotencyName } from './idempotency.ts';
import { forgetScript, pruneScript, putScript, readScript, settleScript, takeScript } from './redis-scripts.ts';

const TRADE = 'mcp2:trade:';
const KEY = 'mcp2:idempotency:';
/** Ids of all trades, in their order. */
const ORDER = 'mcp2:trades';
/** Ids of those that are not settled. */
const QUEUE = 'mcp2:trades:queue';
const GROUP = 'forwarders';

/** Redis does nothing else while a script runs: a group of this size takes it a few milliseconds. */
const LIMITS = { maxItems: 256, maxBytes: 1_000_000, sizeOf: ({ payload }: NewTrade) => payload.length };
const PING_MS = 5_000;
/** Time beyond a blocking read's own in which its answer must come. */
const GRACE_MS = 5_000;
const PRUNE = 500;
/** The fields of a trade's hash that its readers ask for, in this order. */
const FIELDS = ['payload', 'at', 'by'] as const;

export interface RedisTradesOptions extends RedisOptions {
  /** After which what one forwarder took goes to another. Default one minute. */
  readonly redeliverMs?: number;
  /** After which `prune` forgets a forwarder that holds nothing. Default one day. */
  readonly forgetMs?: number;
}

/**
 * Trades on Redis: a hash for each, a stream of ids in their order, and a stream of the ids that are not settled. Durable as far as the server's
 * `appendfsync` goes. The keys lie in different slots: no Redis Cluster.
 */
export function redisTradeStore(options: RedisTradesOptions): TradeStore {
  const { redeliverMs = 60_000, forgetMs = 86_400_000 } = options;
  const commands = new RedisConnection(options);
  /** A blocking read would hold up everything else on its connection. */
  let waiting = new RedisConnection(options);
  const puts = new GroupCommit<NewTrade, StoreResult>(putAll, LIMITS);

  async function putAll(trades: readonly NewTrade[]): Promise<(StoreResult | PulseError)[]> {
    const keys = [ORDER, QUEUE];
    const args: string[] = [String(IDEMPOTENCY_MS)];
    for (const trade of trades) {
      const name = idempotencyName(trade);
      keys.push(TRADE + trade.id, name === null ? TRADE + trade.id : KEY + name);
      args.push(trade.id, trade.payload, String(trade.at), trade.by, trade.idempotency?.digest ?? '');
    }
    const replies = await runScript<(number | Buffer)[]>(commands, putScript, keys, args);
    return trades.map((trade, i) => {
      const [state, id] = [Number(replies[2 * i]), String(replies[2 * i + 1])];
      return state === 2 ? conflict(trade, id) : { id, repeated: state === 1 };
    });
  }

  const read = async (ids: readonly string[]): Promise<StoredTrade[]> => {
    if (ids.length === 0) return [];
    const keys = ids.map((id) => TRADE + id);
    const found = await runScript<(Buffer | null)[][]>(commands, readScript, keys, FIELDS);
    return found.flatMap((values, i) => tradeOf(ids[i]!, values) ?? []);
  };

  /** Resolves when the queue has something for the forwarder, which is then its own, or after `waitMs`, or on `signal`. */
  async function waitForMore(forwarder: string, max: number, waitMs: number, signal: AbortSignal): Promise<void> {
    // It may have been aborted while the queue was looked at.
    if (signal.aborted) return;
    const connection = waiting;
    const cut = (): void => {
      waiting = new RedisConnection(options);
      void connection.close(); // detached: `close` never rejects, and whoever reads sees it closed
    };
    signal.addEventListener('abort', cut, { once: true });
    const block = String(Math.ceil(waitMs));
    const args = ['XREADGROUP', 'GROUP', GROUP, forwarder, 'COUNT', String(max), 'BLOCK', block, 'STREAMS', QUEUE, '>'];
    try {
      await connection.run('XREADGROUP', (client) => send(client, args), waitMs + GRACE_MS);
    } catch (error) {
      // Somebody deleted the queue, and the group with it: the next script makes it anew.
      if (!signal.aborted && !/NOGROUP|key no longer exists/.test(String(error))) throw error;
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  async function takeNow(forwarder: string, max: number): Promise<StoredTrade[]> {
    const args = [GROUP, forwarder, String(max), String(redeliverMs), TRADE];
    return read((await runScript<Buffer[]>(commands, takeScript, [QUEUE], args)).map(String));
  }

  return {
    put: (trade) => puts.add(trade),
    async get(id) {
      return (await read([id]))[0] ?? null;
    },
    async recent(limit, before) {
      let to = '+';
      if (before !== undefined) {
        const entry = await commands.run('HGET', (client) =>
          send<Buffer | null>(client, ['HGET', TRADE + before, 'entry']),
        );
        if (entry === null) throw new PulseError('trade.cursor', { before });
        to = `(${entry.toString()}`;
      }
      const entries = await commands.run('XREVRANGE', (client) =>
        send<[Buffer, Buffer[]][]>(client, ['XREVRANGE', ORDER, to, '-', 'COUNT', String(limit)]),
      );
      return read(entries.map(([, fields]) => fields[1]!.toString()));
    },
    async take(forwarder, max, waitMs, signal) {
      if (signal.aborted) return [];
      const found = await takeNow(forwarder, max);
      if (found.length > 0 || waitMs <= 0) return found;
      await waitForMore(forwarder, max, waitMs, signal);
      return signal.aborted ? [] : takeNow(forwarder, max);
    },
    async settle(ids) {
      if (ids.length > 0) await runScript(commands, settleScript, [QUEUE, ...ids.map((id) => TRADE + id)], [GROUP]);
    },
    async waiting() {
      const [trades, first] = await commands.run('XLEN', (client) =>
        Promise.all([
          send<number>(client, ['XLEN', QUEUE]),
          send<[Buffer, Buffer[]][]>(client, ['XRANGE', QUEUE, '-', '+', 'COUNT', '1']),
        ]),
      );
      const [oldest] = await read(first.map(([, fields]) => fields[1]!.toString()));
      return { trades, oldestAt: oldest?.at ?? null };
    },
    async prune(before) {
      await runScript(commands, forgetScript, [QUEUE], [GROUP, String(forgetMs)]);
      let gone = 0;
      for (let from: string | null = '-'; from !== null && before > 0; ) {
        const args: string[] = [from, `(${before}-0`, String(PRUNE), TRADE];
        const [last, count]: [Buffer | null, number] = await runScript(commands, pruneScript, [ORDER], args);
        gone += count;
        from = last === null ? null : `(${last.toString()}`;
      }
      return gone;
    },
    async ping() {
      await commands.run('PING', (client) => client.ping(), PING_MS);
    },
    async close() {
      await Promise.all([commands.close(), waiting.close()]);
    },
  };
}

/** A trade from the values of its fields; null where there is none. */
function tradeOf(id: string, [payload, at, by]: readonly (Buffer | null)[]): StoredTrade | null {
  if (!payload || !at || !by) return null;
  return { id, payload: payload.toString(), at: Number(at.toString()), by: by.toString() };
}
