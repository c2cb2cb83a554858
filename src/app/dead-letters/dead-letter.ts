/** A message that could not be used, with why and where it came from. */
export interface DeadLetter {
  /** `<partition>@<offset>` in a topic, the entry's id in a stream. */
  readonly id: string;
  /** When it was put there, epoch milliseconds. */
  readonly at: number;
  /** Code of the closed list of errors, where it says one. */
  readonly reason: string;
  readonly message: string;
  /** `ticks.EURUSD/0@1234`, a channel, or empty. */
  readonly source: string;
  /** The original bytes. */
  readonly payload: Buffer;
}

export interface Replay {
  readonly replayed: number;
  /** Letters without a place to go back to. They stay where they are. */
  readonly stuck: readonly DeadLetter[];
}

/** Where dead letters lie: a topic or a stream. */
export interface DeadLetterPlace {
  readonly name: string;
  readonly kind: 'topic' | 'stream';
  count(): Promise<number>;
  /** The newest letters, oldest of them first. */
  newest(limit: number): Promise<DeadLetter[]>;
  find(id: string): Promise<DeadLetter | null>;
  /** Sends up to `limit` letters that were not replayed before back to where they came from, or to `target`; remembers how far it got. Ends early on `signal`. */
  replay(limit: number, target: string | null, signal: AbortSignal): Promise<Replay>;
  /** Sends one letter, whether it was replayed before or not. Rejects with `dlq.no-origin`. */
  replayOne(letter: DeadLetter, target: string | null): Promise<void>;
}

/** Remembers how far replays got; the same for every place. */
export const REPLAY_GROUP = 'pulse-dlq-replay';

/** What a dead letter carries beside the original. */
export const META = ['reason', 'message', 'source', 'service'] as const;

/** Whether something may write to `name` as a topic of its own: what Kafka takes, and no dead-letter place again. */
export const isOrigin = (name: string): boolean =>
  /^[A-Za-z0-9._-]{1,249}$/.test(name) && name !== 'ticks.rejected' && !name.endsWith('.dlq');
