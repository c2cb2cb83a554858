/** A trade payload to store. */
export interface NewTrade {
  /** UUID version 7, chosen by the caller: storing it again, after an answer that was lost, changes nothing. */
  readonly id: string;
  /** The payload as JSON; comes back byte for byte. */
  readonly payload: string;
  /** Epoch milliseconds at which it was received. */
  readonly at: number;
  /** Name of the API key that sent it, or `anonymous`. */
  readonly by: string;
  /** The caller's own name of the request, remembered for each `by` and for 24 h, and the SHA-256 of what it sent (64 hex digits); null: none was given. */
  readonly idempotency: { readonly key: string; readonly digest: string } | null;
}

export interface StoredTrade {
  readonly id: string;
  readonly payload: string;
  readonly at: number;
  readonly by: string;
}

/** Whether it was stored now, or (`id` is then the earlier one's) under the same idempotency key before. */
export interface StoreResult {
  readonly id: string;
  readonly repeated: boolean;
}

/** The queue of trades that the record log does not have yet. */
export interface Waiting {
  /** How many, those that were taken and not settled included. */
  readonly trades: number;
  /** When the oldest of them was received, epoch milliseconds; null where there is none. */
  readonly oldestAt: number | null;
}

/** Trade payloads, in the order in which they were stored, and the queue of those that the record log does not have yet. */
export interface TradeStore {
  /**
   * Stores the trade and enqueues its id, both or neither; resolves once that is durable, as far as the engine syncs. Rejects with
   * `redis.unavailable` (retry, with the same id), or with `trade.idempotency` where the same key came with another digest.
   */
  put(trade: NewTrade): Promise<StoreResult>;
  get(id: string): Promise<StoredTrade | null>;
  /** The newest `limit` trades, of those stored before the trade `before` where that is given, newest first. Rejects with `trade.cursor` where `before` is unknown. */
  recent(limit: number, before?: string): Promise<StoredTrade[]>;
  /**
   * Up to `max` trades of the queue, oldest first, waiting up to `waitMs` for the first. Those that another `forwarder` took and did not
   * settle within a minute are given out again; its own at once.
   */
  take(forwarder: string, max: number, waitMs: number, signal: AbortSignal): Promise<StoredTrade[]>;
  /** These are in the record log: they leave the queue. Ids that are not in it are passed over. */
  settle(ids: readonly string[]): Promise<void>;
  waiting(): Promise<Waiting>;
  /** Deletes the settled trades that were stored before `before` (epoch milliseconds), and forgets idempotency keys after their time; resolves with how many trades went. One that is not settled stays. */
  prune(before: number): Promise<number>;
  /** Resolves when the engine answers; rejects with `redis.unavailable` or `redis.refused`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
