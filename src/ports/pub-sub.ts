/** Why a subscription stopped delivering. `overflow`: the server cut off a subscriber that was too slow. */
export type LossReason = 'disconnect' | 'overflow';

/** What a subscription tells. All calls are synchronous and in the order of events. */
export interface SubscriptionListener {
  /** A message. `payload` is the listener's to keep. `arrivedAt`: when it arrived (epoch milliseconds), where it may have waited since. */
  message(channel: string, payload: Buffer, arrivedAt?: number): void;
  /**
   * False while the listener had rather be told later: what arrives may then wait with the adapter, as far as that has room. `waiting`: how
   * much of that room is in use, from 0 to 1. Absent: it is never false.
   */
  takesMore?(waiting: number): boolean;
  /**
   * From now on every message that is published is delivered, until `lost`. None was that was published before `asked` (epoch milliseconds),
   * when the subscription was asked for: whoever stands still hears late that it stands. Absent where it stands at once.
   */
  joined(asked?: number): void;
  /**
   * Everything that was published before `since` (epoch milliseconds) has been delivered, or lies in what was lost. Told right after
   * `joined`, and from time to time, by a server that may deliver late; one that delivers at once need not.
   */
  caughtUp?(since: number): void;
  /** Messages may have been missed from the last one delivered until the next `joined`. Not called when the subscriber itself ends. */
  lost(reason: LossReason): void;
}

export interface Message {
  readonly channel: string;
  readonly payload: Buffer;
}

/** Fire-and-forget messages on channels: whoever is subscribed gets them, in order per publisher; nobody else ever does. */
export interface PubSub {
  /** Resolves when the server has taken every message, in the order given. Rejects with `redis.unavailable` (retry; some may have gone out). */
  publish(messages: readonly Message[]): Promise<void>;
  /**
   * Delivers what is published on channels that match the glob `pattern` (`ticks.*`). Reconnects with a back-off for ever.
   * Resolves when `signal` aborts.
   */
  subscribe(pattern: string, listener: SubscriptionListener, signal: AbortSignal): Promise<void>;
  /** Resolves when the server answers; rejects with `redis.unavailable` or `redis.refused`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
