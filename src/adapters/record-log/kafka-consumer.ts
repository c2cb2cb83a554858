import type { Admin } from '@platformatic/kafka';
import type { BatchHandler, ConsumeOptions, LogPosition, LogRecord, TopicSelector } from '../../ports/record-log.ts';
import { isRefusal, type KafkaOptions, refused } from './kafka-client.ts';
import { type Fetched, Fetcher, type FetchLimits, isOutOfRange, type Want } from './kafka-fetcher.ts';
import { GroupMember, type HeldPartition, keyOf } from './kafka-member.ts';
import { endOf, RecordCursor } from './kafka-records.ts';
import { listTopics } from './kafka-topics.ts';

const MAX_BATCH = 5000;
const LIMITS = { waitMs: 500, maxBytes: 4 * 1024 * 1024, maxPartitionBytes: 1024 * 1024 };
/** Up to so many partitions, the first record comes at once. */
const FEW_PARTITIONS = 100;
/** What a fetch of more waits for, for each of them: a fetch costs in proportion to them, whatever comes of it. */
const BYTES_PER_PARTITION = 100;

const limitsFor = (partitions: number): FetchLimits => ({
  ...LIMITS,
  minBytes: partitions <= FEW_PARTITIONS ? 1 : Math.min(partitions * BYTES_PER_PARTITION, LIMITS.maxBytes / 4),
});
const FLUSH_MS = 5000;
/** Of the time, looks for topics take at most one part in so many: with thousands of topics each look costs. */
const LOOK_SHARE = 25;
const LONGEST_LOOK_PAUSE_MS = 10_000;

/** How far a partition was read. Another object takes its place when reading starts anew, so that what is under way for the old one is known as stale. */
interface Cursor extends HeldPartition {
  /** The next offset to fetch. */
  from: number;
  /** Number of the batch before which it was made; a position from an earlier batch says nothing about it. */
  readonly since: number;
}

interface CursorWant extends Want {
  readonly cursor: Cursor;
}

/** Consumes until `signal` aborts: one membership after the other, with a back-off between. Rejects with `log.refused` only. */
export async function consumeGroup(
  options: KafkaOptions,
  admin: Admin,
  consume: ConsumeOptions,
  handle: BatchHandler,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    const session = new Session(options, admin, consume, handle, signal);
    try {
      await session.run();
    } catch (error) {
      if (isRefusal(error)) throw refused(options, error);
      failures = session.handled ? 0 : failures + 1;
    } finally {
      await session.close();
    }
    if (!signal.aborted) await options.clock.sleep(backOffMs(failures), signal);
  }
}

const backOffMs = (failures: number): number => Math.min(100 * 2 ** Math.min(failures, 6), 5000);

const matches = (selector: TopicSelector, topic: string): boolean =>
  'match' in selector ? selector.match.test(topic) : selector.topics.includes(topic);

/** One membership and the reading for it. */
class Session {
  /** Whether a batch was handled. */
  handled = false;
  readonly #options: KafkaOptions;
  readonly #admin: Admin;
  readonly #consume: ConsumeOptions;
  readonly #handle: BatchHandler;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #member: GroupMember;
  readonly #fetcher: Fetcher;
  readonly #cursors = new Map<string, Cursor>();
  /** Brokers that are being asked, or were not there a moment ago. */
  readonly #asked = new Set<number>();
  #ready: { cursor: Cursor; records: RecordCursor; bytes: number }[] = [];
  #readyBytes = 0;
  #batches = 0;
  #rejections = 0;
  /** `clock.monotonic()` before which topics are not looked for. */
  #nextLook = 0;
  /** Cursors are missing. */
  #unstarted = false;
  /** Something happened since the loop last looked. */
  #stirred = false;
  #resume: () => void = () => undefined;

  constructor(options: KafkaOptions, admin: Admin, consume: ConsumeOptions, handle: BatchHandler, signal: AbortSignal) {
    this.#options = options;
    this.#admin = admin;
    this.#consume = consume;
    this.#handle = handle;
    this.#signal = signal;
    this.#member = new GroupMember(options, consume.group, this.#wake);
    this.#fetcher = new Fetcher(options);
    signal.addEventListener('abort', this.#wake);
  }

  #wake = (): void => {
    this.#stirred = true;
    this.#resume();
  };

  async run(): Promise<void> {
    const { clock, topicPollMs = 1000 } = this.#options;
    let topics = await this.#matching();
    while (topics.length === 0 && !this.#signal.aborted) {
      await clock.sleep(topicPollMs, this.#signal);
      topics = await this.#matching();
    }
    if (this.#signal.aborted) return;
    await this.#unlessAborted(this.#member.subscribe(topics));
    clock.every(topicPollMs, () => this.#followTopics(), this.#ended.signal);
    while (!this.#signal.aborted) {
      this.#stirred = false;
      if (this.#member.failure !== null) throw this.#member.failure;
      if (this.#member.changed || this.#unstarted) await this.#reassign();
      await this.#fetchMore();
      const records = this.#nextBatch();
      if (records.length > 0) await this.#handOver(records);
      else await this.#woken();
    }
  }

  async close(): Promise<void> {
    this.#ended.abort();
    this.#signal.removeEventListener('abort', this.#wake);
    await this.#member.flush(FLUSH_MS);
    this.#cursors.clear();
    await Promise.all([this.#member.leave(), this.#fetcher.close()]);
  }

  async #matching(): Promise<string[]> {
    return (await listTopics(this.#admin)).filter((topic) => matches(this.#consume.topics, topic));
  }

  /** All members look by themselves, so that they come to want the same topics. */
  async #followTopics(): Promise<void> {
    const { clock } = this.#options;
    const begun = clock.monotonic();
    if (begun < this.#nextLook) return;
    try {
      const topics = await this.#matching();
      const ended = clock.monotonic();
      this.#nextLook = ended + Math.min(LOOK_SHARE * (ended - begun), LONGEST_LOOK_PAUSE_MS);
      if (this.#member.wants(topics)) return;
      // With no topic left there is nothing to join for; the member keeps what it has until there is.
      if (topics.length > 0) await this.#member.subscribe(topics);
    } catch {
      // The broker is away, or the group is changing: the next look, or the heartbeat, finds out which.
    }
  }

  async #unlessAborted(work: Promise<void>): Promise<void> {
    await Promise.race([
      work,
      new Promise<void>((resolve) => this.#signal.addEventListener('abort', () => resolve(), { once: true })),
    ]);
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      if (this.#stirred) resolve();
    });
  }

  /** Starts reading what this member has come to hold, and stops what it has lost. */
  async #reassign(): Promise<void> {
    const changed = this.#member.changed;
    const { held, retained } = this.#member.takeAssignment();
    const keys = new Set(held.map(keyOf));
    for (const key of [...this.#cursors.keys()]) if (!retained.has(key) || !keys.has(key)) this.#cursors.delete(key);
    this.#dropStale();
    this.#fetcher.follow(held.map(({ topic }) => topic));
    this.#unstarted = false;
    try {
      await this.#start(held.filter((partition) => !this.#cursors.has(keyOf(partition))));
      if (changed) this.#consume.onAssignment?.(held);
    } catch {
      // The group is changing again, or the broker is away. To give up the membership for it would only make others change too.
      this.#unstarted = true;
      await this.#options.clock.sleep(200, this.#signal);
    }
  }

  /** Begins at the committed positions, or at the earliest record. */
  async #start(partitions: readonly HeldPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    const committed = await this.#member.committed(partitions);
    const fresh = partitions.filter((_, i) => committed[i] === null);
    const earliest = (await this.#fetcher.ranges(fresh)).map((range) => range.earliest).values();
    partitions.forEach(({ topic, partition }, i) => {
      const from = committed[i] ?? earliest.next().value!;
      this.#cursors.set(keyOf({ topic, partition }), { topic, partition, from, since: this.#batches });
    });
  }

  #dropStale(): void {
    this.#ready = this.#ready.filter(({ cursor }) => this.#cursors.get(keyOf(cursor)) === cursor);
    this.#readyBytes = this.#ready.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Asks every broker that is not being asked, while there is room. */
  async #fetchMore(): Promise<void> {
    if (this.#readyBytes >= LIMITS.maxBytes) return;
    const wants = [...this.#cursors.values()].map(
      (cursor): CursorWant => ({ topic: cursor.topic, partition: cursor.partition, from: cursor.from, cursor }),
    );
    try {
      for (const [node, wanted] of await this.#fetcher.byLeader(wants)) {
        if (this.#asked.has(node)) continue;
        this.#asked.add(node);
        void this.#fetch(node, wanted);
      }
    } catch {
      // The broker is away. The membership fails when that lasts; until then ask again.
      await this.#options.clock.sleep(200, this.#signal);
      this.#wake();
    }
  }

  async #fetch(node: number, wants: readonly CursorWant[]): Promise<void> {
    try {
      for (const fetched of await this.#fetcher.fetch(node, wants, limitsFor(wants.length))) this.#arrived(fetched);
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      await this.#recover(error, wants);
    }
    this.#asked.delete(node);
    this.#wake();
  }

  #arrived({ want: { cursor, from }, batches }: Fetched<CursorWant>): void {
    const last = batches.at(-1);
    if (last === undefined || this.#cursors.get(keyOf(cursor)) !== cursor || cursor.from !== from) return;
    const records = new RecordCursor(cursor.topic, cursor.partition, from, batches);
    cursor.from = endOf(last);
    if (records.empty) return;
    const bytes = batches.reduce((sum, { length }) => sum + length, 0);
    this.#ready.push({ cursor, records, bytes });
    this.#readyBytes += bytes;
  }

  async #recover(error: unknown, wants: readonly CursorWant[]): Promise<void> {
    try {
      if (isOutOfRange(error)) {
        const ranges = await this.#fetcher.ranges(wants);
        wants.forEach(({ cursor }, i) => {
          const { earliest, end } = ranges[i]!;
          // Trimmed away, or of a topic that was made anew.
          if (cursor.from < earliest || cursor.from > end) cursor.from = earliest;
        });
        return;
      }
      await this.#options.clock.sleep(200, this.#ended.signal);
      await this.#fetcher.byLeader(wants, true);
    } catch {
      // The broker is still away; the next fetch tells.
    }
  }

  #nextBatch(): LogRecord[] {
    const max = this.#consume.maxBatch ?? MAX_BATCH;
    const batch: LogRecord[] = [];
    for (let next = this.#ready[0]; next !== undefined && batch.length < max; next = this.#ready[0]) {
      next.records.take(batch, max);
      if (!next.records.empty) break;
      this.#ready.shift();
      this.#readyBytes -= next.bytes;
    }
    return batch;
  }

  async #handOver(records: readonly LogRecord[]): Promise<void> {
    this.#batches += 1;
    const number = this.#batches;
    let positions: readonly LogPosition[];
    try {
      positions = await this.#handle(records);
    } catch {
      // Why is the handler's to tell; here it means: not now.
      return this.#rewind();
    }
    this.handled = true;
    this.#rejections = 0;
    if (this.#member.changed) await this.#reassign();
    this.#member.commit(positions.filter((position) => (this.#cursors.get(keyOf(position))?.since ?? number) < number));
  }

  /** The handler rejected: deliver again from the last committed positions. */
  async #rewind(): Promise<void> {
    this.#rejections += 1;
    await this.#member.flush(FLUSH_MS);
    this.#cursors.clear();
    this.#dropStale();
    this.#unstarted = true;
    await this.#options.clock.sleep(backOffMs(this.#rejections), this.#signal);
  }
}
