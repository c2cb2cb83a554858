import { PulseError } from '../../../src/domain/errors/errors.ts';
import type {
  LogPosition,
  LogRecord,
  LossNotice,
  NewRecord,
  PartitionRange,
  TopicSpec,
} from '../../../src/ports/record-log.ts';
import type { Life, Nature, Server } from '../life.ts';
import { LogGroup } from './log-group.ts';

export interface LogPartition {
  /** What it holds, by rising offset; compaction leaves holes. */
  records: LogRecord[];
  earliest: number;
  end: number;
}

export interface LogTopic {
  readonly name: string;
  /** Which making of the name it is. */
  readonly making: number;
  readonly compacted: boolean;
  readonly partitions: readonly LogPartition[];
}

/** A record that a topic took, for whoever judges the run: it stays when the topic forgets it. */
export interface Archived {
  readonly record: LogRecord;
  readonly making: number;
  /** Name of the process that appended it, and its life. */
  readonly by: Life;
}

/** Why a topic is not made, and which one it collides with. */
export interface Refusal {
  readonly topic: string;
  readonly reason: string;
  readonly collidesWith: string | null;
}

const LEGAL = /^[a-zA-Z0-9._-]{1,249}$/;
const DEFAULT_MAX_BYTES = 1_000_000;

/** A Kafka cluster in memory: topics, partitions, groups. What it has taken it keeps, until retention, compaction or deletion. */
export class KafkaServer implements Server {
  readonly name = 'kafka';
  readonly nature: Nature;
  readonly topics = new Map<string, LogTopic>();
  readonly groups = new Map<string, LogGroup>();
  readonly archive: Archived[] = [];
  /** Records that went before every group had read them. */
  readonly goneUnread: LogRecord[] = [];
  away = false;
  stalled: (() => void)[] | null = null;
  readonly timeout = (): Error => unavailable('no answer in time');
  /** Bytes of the largest value that a topic takes. */
  maxBytes = DEFAULT_MAX_BYTES;
  /** How many of the next answers to appends get lost, by the name of the process; negative: half of the partitions took them. */
  readonly losesAnswers = new Map<string, number>();
  /** Of an append that will not be answered: whether only a part of it is done. */
  halfDone = false;
  onAnswerLost: ((half: boolean) => void) | null = null;
  onRefused: (() => void) | null = null;
  onRebalanced: (() => void) | null = null;
  #makings = 0;

  constructor(nature: Nature) {
    this.nature = nature;
  }

  get now(): number {
    return this.nature.start + Math.floor(this.nature.scheduler.now);
  }

  refusal(): Error | null {
    return this.away ? unavailable('connection refused') : null;
  }

  /** Stands still: what is asked waits. */
  stall(): void {
    this.stalled ??= [];
  }

  /** Does what was asked meanwhile, in order. */
  goOn(): void {
    const waiting = this.stalled ?? [];
    this.stalled = null;
    for (const serve of waiting) serve();
  }

  answerLost(life: Life, label: string): Error | null {
    const left = this.losesAnswers.get(life.name) ?? 0;
    if (left === 0 || !label.startsWith('append')) return null;
    this.losesAnswers.set(life.name, left - 1);
    this.onAnswerLost?.(this.halfDone);
    return unavailable('connection reset');
  }

  create(specs: readonly TopicSpec[]): Refusal[] {
    const refused: Refusal[] = [];
    for (const spec of specs) {
      const refusal = this.#make(spec);
      if (refusal !== null) refused.push(refusal);
    }
    return refused;
  }

  /** Kafka keeps metrics under names in which `.` and `_` are the same, and refuses a topic whose name would collide. */
  #make({ topic, partitions = 1, compacted = false }: TopicSpec): Refusal | null {
    if (this.topics.has(topic)) return null;
    if (!LEGAL.test(topic) || topic === '.' || topic === '..')
      return { topic, reason: `Topic name is invalid: ${topic}`, collidesWith: null };
    if (!(partitions >= 1))
      return { topic, reason: `Number of partitions of ${topic} must be larger than 0`, collidesWith: null };
    const flat = topic.replaceAll('.', '_');
    for (const known of this.topics.keys())
      if (known.replaceAll('.', '_') === flat) {
        this.onRefused?.();
        return { topic, reason: `Topic '${topic}' collides with existing topics: ${known}`, collidesWith: known };
      }
    this.#makings += 1;
    this.topics.set(topic, {
      name: topic,
      making: this.#makings,
      compacted,
      partitions: Array.from({ length: partitions }, () => ({ records: [], earliest: 0, end: 0 })),
    });
    this.nature.scheduler.note(`topic ${topic}`);
    for (const group of this.groups.values()) group.topicsChanged();
    return null;
  }

  delete(name: string): void {
    this.topics.delete(name);
    for (const group of this.groups.values()) group.topicGone(name);
  }

  /** Takes records in order. `half`: of each partition only the first half. */
  append(records: readonly NewRecord[], by: Life): void {
    const large = records.find(({ value }) => (value?.length ?? 0) > this.maxBytes);
    if (large !== undefined) {
      const bytes = large.value!.length;
      throw new PulseError('log.record.too-large', { bytes, topic: large.topic, limit: this.maxBytes });
    }
    const willBeLost = (this.losesAnswers.get(by.name) ?? 0) > 0 && this.halfDone;
    const taken = willBeLost ? records.slice(0, records.length >> 1) : records;
    for (const record of taken) this.#take(record, by);
    for (const group of this.groups.values()) group.appended();
  }

  #take({ topic: name, key, value, headers, timestamp }: NewRecord, by: Life): void {
    const topic = this.topics.get(name)!;
    const at =
      topic.partitions.length === 1
        ? 0
        : key === null
          ? this.nature.random.int(topic.partitions.length)
          : hashOf(key) % topic.partitions.length;
    const partition = topic.partitions[at]!;
    const record: LogRecord = {
      topic: name,
      partition: at,
      offset: partition.end,
      key,
      value,
      headers: new Map([...(headers ?? [])].map(([header, bytes]) => [header, Buffer.from(bytes)])),
      timestamp: timestamp ?? this.now,
    };
    partition.end += 1;
    partition.records.push(record);
    this.archive.push({ record, making: topic.making, by });
    this.nature.scheduler.note(`${name}@${record.offset} ${value?.length ?? -1}`);
    // The log cleaner comes round when it likes.
    if (topic.compacted && this.nature.random.int(8) === 0) compact(partition);
  }

  ranges(names: readonly string[]): PartitionRange[] {
    return [...new Set(names)].flatMap((topic) =>
      (this.topics.get(topic)?.partitions ?? []).map(({ earliest, end }, partition) => ({
        topic,
        partition,
        earliest,
        end,
      })),
    );
  }

  read(topic: string, partition: number, from: number, max: number): LogRecord[] {
    const records = this.topics.get(topic)?.partitions[partition]?.records ?? [];
    let low = 0;
    for (let high = records.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (records[middle]!.offset < from) low = middle + 1;
      else high = middle;
    }
    return records.slice(low, low + max);
  }

  /** What is gone of a partition before a group that stands at this position has read it; null where nothing is. */
  lossAt({ topic, partition, offset }: LogPosition): LossNotice | null {
    const held = this.topics.get(topic)?.partitions[partition];
    if (held === undefined || (offset >= held.earliest && offset <= held.end)) return null;
    const reason = offset > held.end ? 'made-anew' : 'truncated';
    return { topic, partition, from: offset, to: held.earliest, reason };
  }

  /** Forgets the records of a partition before `offset`, as retention does. */
  truncate(name: string, at: number, offset: number): number {
    const partition = this.topics.get(name)?.partitions[at];
    if (partition === undefined || offset <= partition.earliest) return 0;
    partition.earliest = Math.min(offset, partition.end);
    const gone = partition.records.filter((record) => record.offset < partition.earliest);
    partition.records = partition.records.slice(gone.length);
    const read = Math.min(...[...this.groups.values()].map((group) => group.committedOf(name, at) ?? 0));
    this.goneUnread.push(...gone.filter((record) => record.offset >= read));
    return gone.length;
  }

  group(name: string): LogGroup {
    let group = this.groups.get(name);
    if (group === undefined) {
      group = new LogGroup(this);
      this.groups.set(name, group);
    }
    return group;
  }
}

/** Keeps the newest record of each key; the last few stand in the segment that is written to, and stay. */
function compact(partition: LogPartition): void {
  const closed = partition.records.length - 3;
  const newest = new Map(partition.records.map(({ key, offset }) => [key, offset]));
  partition.records = partition.records.filter(
    ({ key, offset }, i) => key === null || i >= closed || newest.get(key) === offset,
  );
}

function hashOf(key: string): number {
  let hash = 7;
  for (let i = 0; i < key.length; i += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
  return hash;
}

export const unavailable = (reason: string): PulseError => new PulseError('log.unavailable', { at: 'kafka', reason });
