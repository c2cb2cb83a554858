import type { Admin } from '@platformatic/kafka';
import type {
  BatchHandler,
  ConsumeOptions,
  LogPosition,
  LogRecord,
  LossNotice,
  PartitionRange,
  TopicSelector,
} from '../../ports/record-log.ts';
import { isRefusal, type KafkaOptions, refused } from './kafka-client.ts';
import { type Fetched, Fetcher, type FetchLimits, type Want } from './kafka-fetcher.ts';
import { GroupMember, type HeldPartition, keyOf } from './kafka-member.ts';
import { endOf, RecordCursor } from './kafka-records.ts';
import { listTopics } from './kafka-topics.ts';

const MAX_BATCH = 5000;
const LIMITS = { waitMs: 500, minBytes: 1, maxBytes: 4 * 1024 * 1024, maxPartitionBytes: 1024 * 1024 };
/** Up to so many partitions of a broker, it is asked to wait for the first record. */
const FEW_PARTITIONS = 100;
/**
 * With more, nobody waits at the broker: it would look through all of them at each append to any one. It is asked now and then instead, the
 * less often the longer it takes, which is in proportion to the partitions, whatever comes of it.
 */
const manyLimits = (partitions: number): FetchLimits => {
  // All of an answer is taken apart at once: a large one outlives the young generation.
  const maxBytes = Math.min(LIMITS.maxBytes / 8 + partitions * BYTES_PER_PARTITION, LIMITS.maxBytes);
  return { ...LIMITS, waitMs: 0, minBytes: 0, maxBytes };
};
const BYTES_PER_PARTITION = 200;
const ASK_SHARE = 50;
const ASK_PAUSE_MS = { least: 50, most: 1_000 };
const pauseAfter = (tookMs: number): number =>
  Math.min(Math.max(ASK_SHARE * tookMs, ASK_PAUSE_MS.least), ASK_PAUSE_MS.most);

const FLUSH_MS = 5000;
/** Of the time, looks for topics take at most one part in so many: with thousands of topics each look costs. */
const LOOK_SHARE = 100;
const LONGEST_LOOK_PAUSE_MS = 10_000;

/** How far a partition was handled, and of which topic: one that was deleted and made anew under its name has another id. */
interface Progress {
  readonly id: string;
  /** The next offset to hand over. */
  next: number;
}

/** How far a partition was read. Another object takes its place when reading starts anew, so that what is under way for the old one is known as stale. */
interface Cursor extends HeldPartition {
  readonly id: string;
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
  const progress = new Map<string, Progress>();
  for (let failures = 0; !signal.aborted; ) {
    const session = new Session(options, admin, consume, handle, progress, signal);
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
  /** By partition, over all memberships of this consumer. */
  readonly #progress: Map<string, Progress>;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #member: GroupMember;
  readonly #fetcher: Fetcher;
  readonly #cursors = new Map<string, Cursor>();
  /** Brokers that are being asked, or were not there a moment ago. */
  readonly #asked = new Set<number>();
  #looking = false;
  /** How many brokers lead partitions of this consumer. */
  #leaders = 0;
  #ready: { cursor: Cursor; records: RecordCursor; bytes: number }[] = [];
  #readyBytes = 0;
  #batches = 0;
  #rejections = 0;
  /** Partitions of the topics that were joined for. */
  #counted = 0;
  /** `clock.monotonic()` before which topics are not looked for. */
  #nextLook = 0;
  /** Cursors are missing. */
  #unstarted = false;
  /** Something happened since the loop last looked. */
  #stirred = false;
  #resume: () => void = () => undefined;

  constructor(
    options: KafkaOptions,
    admin: Admin,
    consume: ConsumeOptions,
    handle: BatchHandler,
    progress: Map<string, Progress>,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#admin = admin;
    this.#consume = consume;
    this.#handle = handle;
    this.#progress = progress;
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
    this.#counted = await this.#count(topics);
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
      const counted = await this.#count(topics);
      const ended = clock.monotonic();
      this.#nextLook = ended + Math.min(LOOK_SHARE * (ended - begun), LONGEST_LOOK_PAUSE_MS);
      if (this.#member.wants(topics) && counted === this.#counted) return;
      // With no topic left there is nothing to join for; the member keeps what it has until there is.
      if (topics.length > 0) await this.#member.subscribe(topics);
      this.#counted = counted;
    } catch {
      // The broker is away, or the group is changing: the next look, or the heartbeat, finds out which.
    }
  }

  /** How many partitions there are in all: it changes when a topic gets more, or is made anew with other ones. */
  async #count(topics: readonly string[]): Promise<number> {
    const infos = await this.#fetcher.topics(topics);
    let count = 0;
    for (const { leaders } of infos.values()) count += leaders.length;
    return count;
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

  /** Begins at the committed positions, or at the earliest record; tells what is gone in between. */
  async #start(partitions: readonly HeldPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    const committed = await this.#member.committed(partitions);
    const [topics, ranges] = await this.#look(partitions);
    partitions.forEach((partition, i) => {
      const [topic, range] = [topics.get(partition.topic), ranges[i] ?? null];
      // It was deleted meanwhile, or nobody leads it: the next look finds it, or the group gives it up.
      if (topic === undefined || range === null) this.#unstarted = true;
      else this.#begin(range, topic.id, committed[i] ?? null);
    });
    if (this.#unstarted) await this.#options.clock.sleep(200, this.#signal);
  }

  async #look(partitions: readonly HeldPartition[]) {
    const topics = await this.#fetcher.topics(partitions.map(({ topic }) => topic));
    return [topics, await this.#fetcher.ranges(partitions)] as const;
  }

  /** Reads a partition on from where the group stands, as far as the log still has it. */
  #begin(range: PartitionRange, id: string, committed: number | null): void {
    const { topic, partition, earliest, end } = range;
    const known = this.#progress.get(keyOf(range));
    const other = known !== undefined && known.id !== id;
    let from = committed ?? earliest;
    if (other) {
      // Where the group stands says nothing of the new topic: it may be where it stood in the old one.
      from = earliest;
      this.#lose({ topic, partition, from: known.next, to: from, reason: 'made-anew' });
    } else if (from < earliest) {
      this.#lose({ topic, partition, from, to: earliest, reason: 'truncated' });
      from = earliest;
    } else if (from > end) {
      // The same topic is shorter after an unclean election of a leader; what is written there since must not be skipped.
      const to = known === undefined ? earliest : end;
      this.#lose({ topic, partition, from, to, reason: known === undefined ? 'made-anew' : 'truncated' });
      from = to;
    }
    this.#cursors.set(keyOf(range), { topic, partition, id, from, since: this.#batches });
    this.#progress.set(keyOf(range), { id, next: from });
    // So that nobody begins at a position in what is no longer there.
    if (committed !== null && from !== committed) this.#member.commit([{ topic, partition, offset: from }]);
  }

  #lose(loss: LossNotice): void {
    this.#consume.onLoss?.(loss);
  }

  #dropStale(): void {
    this.#ready = this.#ready.filter(({ cursor }) => this.#cursors.get(keyOf(cursor)) === cursor);
    this.#readyBytes = this.#ready.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Asks every broker that is not being asked, while there is room. */
  async #fetchMore(): Promise<void> {
    // With thousands of partitions it takes time to put together what to ask for: only where there is somebody to ask.
    const busy = this.#asked.size > 0 && this.#asked.size >= this.#leaders;
    if (busy || this.#readyBytes >= LIMITS.maxBytes) return;
    try {
      const wants = await this.#wants();
      this.#leaders = wants.size;
      for (const [node, wanted] of wants) {
        if (this.#asked.has(node)) continue;
        this.#asked.add(node);
        void this.#fetch(node, wanted); // detached: asks again by itself after a failure
      }
    } catch {
      // The broker is away. The membership fails when that lasts; until then ask again.
      await this.#options.clock.sleep(200, this.#signal);
      this.#wake();
    }
  }

  /** What to ask for, by the broker that leads it. Starts anew what was made anew. */
  async #wants(): Promise<Map<number, CursorWant[]>> {
    const cursors = [...this.#cursors.values()];
    const topics = await this.#fetcher.topics(cursors.map(({ topic }) => topic));
    const wants = new Map<number, CursorWant[]>();
    const others: Cursor[] = [];
    for (const cursor of cursors) {
      const { topic, partition, from, id } = cursor;
      const info = topics.get(topic);
      const leader = info?.leaders[partition];
      if (info === undefined || leader === undefined) this.#lookAgain();
      else if (info.id !== id) others.push(cursor);
      else {
        const want: CursorWant = { topic, partition, from, id, cursor };
        const group = wants.get(leader);
        if (group === undefined) wants.set(leader, [want]);
        else group.push(want);
      }
    }
    if (others.length > 0) await this.#beginAnew(others);
    return wants;
  }

  /** A topic is not there, or nobody leads one of its partitions: nothing will come that would wake this consumer when that changes. */
  #lookAgain(): void {
    if (this.#looking) return;
    this.#looking = true;
    // detached: `sleep` never rejects
    void this.#options.clock.sleep(200, this.#ended.signal).then(() => {
      this.#looking = false;
      this.#wake();
    });
  }

  /** These partitions are of topics that were deleted and made anew. */
  async #beginAnew(cursors: readonly Cursor[]): Promise<void> {
    const [topics, ranges] = await this.#look(cursors);
    cursors.forEach((cursor, i) => {
      const [topic, range] = [topics.get(cursor.topic), ranges[i] ?? null];
      if (topic === undefined || range === null || this.#cursors.get(keyOf(cursor)) !== cursor) return;
      this.#begin(range, topic.id, cursor.from);
    });
    this.#dropStale();
    this.#stirred = true;
  }

  async #fetch(node: number, wants: readonly CursorWant[]): Promise<void> {
    const { clock } = this.#options;
    const many = wants.length > FEW_PARTITIONS;
    const limits = many ? manyLimits(wants.length) : LIMITS;
    const begun = clock.monotonic();
    try {
      const fetched = await this.#fetcher.fetch(node, wants, limits);
      const took = clock.monotonic() - begun;
      const before = this.#readyBytes;
      const failed = fetched.filter((one) => !this.#arrived(one));
      const arrived = this.#readyBytes - before;
      if (arrived > 0) this.#wake();
      if (failed.length > 0) await this.#recover(failed);
      // After half of that there is probably more.
      if (many && arrived < limits.maxBytes / 2) await clock.sleep(pauseAfter(took), this.#ended.signal);
    } catch {
      if (this.#ended.signal.aborted) return;
      await this.#options.clock.sleep(200, this.#ended.signal);
      this.#fetcher.forget(wants.map(({ topic }) => topic));
    }
    this.#asked.delete(node);
    this.#wake();
  }

  /** Whether it could be fetched. */
  #arrived({ want: { cursor, from }, fault, batches }: Fetched<CursorWant>): boolean {
    if (fault !== null) return false;
    const last = batches.at(-1);
    if (last === undefined || this.#cursors.get(keyOf(cursor)) !== cursor || cursor.from !== from) return true;
    const records = new RecordCursor(cursor.topic, cursor.partition, from, batches);
    cursor.from = endOf(last);
    if (records.empty) return true;
    const bytes = batches.reduce((sum, { length }) => sum + length, 0);
    this.#ready.push({ cursor, records, bytes });
    this.#readyBytes += bytes;
    return true;
  }

  /** Some partitions could not be fetched: the others go on meanwhile. */
  async #recover(failed: readonly Fetched<CursorWant>[]): Promise<void> {
    // Led by another, deleted, or made anew: the cluster says which.
    this.#fetcher.forget(failed.map(({ want }) => want.topic));
    const gone = failed.filter(({ fault }) => fault === 'OFFSET_OUT_OF_RANGE').map(({ want }) => want.cursor);
    if (gone.length < failed.length) await this.#options.clock.sleep(100, this.#ended.signal);
    const [topics, ranges] = await this.#look(gone);
    gone.forEach((cursor, i) => {
      const range = ranges[i] ?? null;
      // One that was made anew is found as that.
      if (range === null || topics.get(cursor.topic)?.id !== cursor.id) return;
      if (this.#cursors.get(keyOf(cursor)) !== cursor) return;
      const { topic, partition, from } = cursor;
      const to = from < range.earliest ? range.earliest : Math.min(from, range.end);
      if (to === from) return;
      this.#lose({ topic, partition, from, to, reason: 'truncated' });
      cursor.from = to;
    });
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
    this.#handled(records, number);
    if (this.#member.changed) await this.#reassign();
    this.#member.commit(positions.filter((position) => (this.#cursors.get(keyOf(position))?.since ?? number) < number));
  }

  #handled(records: readonly LogRecord[], number: number): void {
    records.forEach((record, i) => {
      const after = records[i + 1];
      // Those of a partition stand together: its last one tells.
      if (after !== undefined && after.partition === record.partition && after.topic === record.topic) return;
      const key = keyOf(record);
      const progress = this.#progress.get(key);
      // A cursor that was made since is of another reading, perhaps of another topic.
      if (progress !== undefined && (this.#cursors.get(key)?.since ?? 0) < number) progress.next = record.offset + 1;
    });
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
