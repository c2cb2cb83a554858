import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NewTrade, StoredTrade, StoreResult, TradeStore } from '../../ports/trade-store.ts';
import { Arrivals } from '../arrivals.ts';
import { GroupCommit } from '../group-commit.ts';
import { openLmdbFolder } from '../lmdb-folder.ts';
import { conflict, IDEMPOTENCY_MS, idempotencyName } from './idempotency.ts';

interface Kept extends Omit<StoredTrade, 'id'> {
  /** Its place in the order, from 1. */
  readonly seq: number;
}

/** A trade that is not settled: who took it, and when. */
interface Queued {
  readonly id: string;
  readonly takenBy: string | null;
  readonly takenAt: number;
}

interface Named {
  readonly id: string;
  readonly digest: string;
  readonly at: number;
}

export interface LmdbTradesOptions {
  readonly path: string;
  readonly clock: Clock;
  /** After which what one forwarder took goes to another. Default one minute. */
  readonly redeliverMs?: number;
}

const LIMITS = { maxItems: 1_000, maxBytes: 8_000_000, sizeOf: ({ payload }: NewTrade) => payload.length };
/** LMDB takes no longer keys, and no id is as long. */
const LONGEST_ID = 200;
const PRUNE = 1_000;

/** Trades in an LMDB folder at `path`: on the disk when `put` resolves. Several processes may have it open. */
export function lmdbTradeStore({ path, clock, redeliverMs = 60_000 }: LmdbTradesOptions): TradeStore {
  const { root, checkOpen, change, close } = openLmdbFolder(path);
  const trades = root.openDB<Kept, string>({ name: 'trades', encoding: 'json' });
  const order = root.openDB<string, number>({ name: 'order', encoding: 'string', keyEncoding: 'uint32' });
  const queue = root.openDB<Queued, number>({ name: 'queue', encoding: 'json', keyEncoding: 'uint32' });
  const names = root.openDB<Named, string>({ name: 'idempotency', encoding: 'json' });
  const arrivals = new Arrivals();
  const puts = new GroupCommit<NewTrade, StoreResult>((batch) => change(() => putAll(batch)), LIMITS);
  function putAll(batch: readonly NewTrade[]): (StoreResult | PulseError)[] {
    const [last = 0] = order.getKeys({ reverse: true, limit: 1 });
    let seq = last;
    return batch.map((trade) => {
      const { id, payload, at, by, idempotency } = trade;
      if (trades.get(id) !== undefined) return { id, repeated: false };
      const name = idempotencyName(trade);
      const used = name === null ? undefined : names.get(name);
      if (used !== undefined && clock.now() - used.at < IDEMPOTENCY_MS)
        return used.digest === idempotency?.digest ? { id: used.id, repeated: true } : conflict(trade, used.id);
      seq += 1;
      trades.putSync(id, { payload, at, by, seq });
      order.putSync(seq, id);
      queue.putSync(seq, { id, takenBy: null, takenAt: 0 });
      if (name !== null && idempotency !== null)
        names.putSync(name, { id, digest: idempotency.digest, at: clock.now() });
      return { id, repeated: false };
    });
  }

  function read(id: string): StoredTrade | null {
    const kept = id === '' || id.length > LONGEST_ID ? undefined : trades.get(id);
    return kept === undefined ? null : { id, payload: kept.payload, at: kept.at, by: kept.by };
  }

  const isDue = ({ takenBy, takenAt }: Queued, forwarder: string): boolean =>
    takenBy === null || takenBy === forwarder || clock.now() - takenAt >= redeliverMs;

  function due(forwarder: string, max: number): [number, Queued][] {
    const found: [number, Queued][] = [];
    for (const { key, value } of queue.getRange({})) {
      if (isDue(value, forwarder)) found.push([key, value]);
      if (found.length === max) break;
    }
    return found;
  }

  function takeNow(forwarder: string, max: number): StoredTrade[] {
    return due(forwarder, max).flatMap(([seq, queued]) => {
      queue.putSync(seq, { ...queued, takenBy: forwarder, takenAt: clock.now() });
      return read(queued.id) ?? [];
    });
  }

  /** Of a page of the order, the settled trades before `before`; and where the next page begins, or null. */
  function pruneFrom(from: number, before: number): { gone: number; next: number | null } {
    const page = [...order.getRange({ start: from, limit: PRUNE })];
    let gone = 0;
    for (const { key, value: id } of page) {
      const kept = trades.get(id);
      if (kept !== undefined && kept.at >= before) return { gone, next: null };
      if (queue.get(key) !== undefined) continue;
      trades.removeSync(id);
      order.removeSync(key);
      gone += 1;
    }
    return { gone, next: page.length < PRUNE ? null : page.at(-1)!.key + 1 };
  }

  function forget(): void {
    const over = clock.now() - IDEMPOTENCY_MS;
    // As a list: what is being looked through must not change meanwhile.
    const old = [...names.getRange({}).flatMap(({ key, value }) => (value.at <= over ? [key] : []))];
    for (const key of old) names.removeSync(key);
  }

  return {
    async put(trade) {
      checkOpen();
      const result = await puts.add(trade);
      arrivals.announce();
      return result;
    },
    async get(id) {
      checkOpen();
      return read(id);
    },
    async recent(limit, before) {
      checkOpen();
      const end = before === undefined || before.length > LONGEST_ID ? undefined : trades.get(before);
      if (before !== undefined && end === undefined) throw new PulseError('trade.cursor', { before });
      const range = { reverse: true, limit, ...(end !== undefined && { start: end.seq - 1 }) };
      return [...order.getRange(range)].flatMap(({ value }) => read(value) ?? []);
    },
    async take(forwarder, max, waitMs, signal) {
      const until = clock.monotonic() + waitMs;
      for (;;) {
        checkOpen();
        if (signal.aborted) return [];
        const isLast = clock.monotonic() >= until;
        const taken = due(forwarder, 1).length === 0 ? [] : await change(() => takeNow(forwarder, max));
        if (taken.length > 0 || isLast) return taken;
        await arrivals.next(clock, signal);
      }
    },
    settle: (ids) =>
      change(() => {
        for (const id of ids) {
          const kept = trades.get(id);
          if (kept !== undefined) queue.removeSync(kept.seq);
        }
      }),
    async waiting() {
      checkOpen();
      const [oldest] = queue.getRange({ limit: 1 });
      return {
        trades: (queue.getStats() as { entryCount: number }).entryCount,
        oldestAt: oldest === undefined ? null : (read(oldest.value.id)?.at ?? null),
      };
    },
    async prune(before) {
      await change(forget);
      let gone = 0;
      for (let from: number | null = 0; from !== null; ) {
        const start: number = from;
        const page = await change(() => pruneFrom(start, before));
        gone += page.gone;
        from = page.next;
      }
      return gone;
    },
    async ping() {
      checkOpen();
    },
    close,
  };
}
