import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LogRecord, PartitionRange, RecordLog } from '../../ports/record-log.ts';
import { GiveWay } from '../give-way.ts';
import { Appender } from './lmdb-appender.ts';
import { consume, readInto } from './lmdb-consumer.ts';
import { acquire, type Environment, release } from './lmdb-environment.ts';
import { committedPositions } from './lmdb-member.ts';
import { trim } from './lmdb-retention.ts';
import { type Topic, Topics } from './lmdb-topics.ts';

export interface LmdbRecordLogOptions {
  /** The folder of the log; made if missing. Several processes of one machine may have it open at once; a network drive will not do. */
  readonly path: string;
  readonly clock: Clock;
  /** How long topics that do not say so themselves keep their records, in milliseconds, by the records' timestamps. Default 7 days. */
  readonly retentionMs?: number;
  /** Most bytes that key, value and headers of a record may have. Default 1 MiB, as Kafka's. */
  readonly maxRecordBytes?: number;
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const TRIM_MS = 30_000;
/** How long a log whose disk does not take its writes may take to close. */
const CLOSE_MS = 1_000;
/** A `read` gives no more of a partition. */
const MAX_READ = 10_000;

/** A record log in LMDB files: durable when `append` resolves, without a server. Throws `log.unavailable` where the folder can't be opened. */
export function lmdbRecordLog({
  path,
  clock,
  retentionMs = WEEK_MS,
  maxRecordBytes = 1024 * 1024,
}: LmdbRecordLogOptions): RecordLog {
  const env = acquire(path);
  const topics = new Topics(env);
  const giveWay = new GiveWay();
  const appender = new Appender(env, topics, clock, maxRecordBytes);
  const consumers = new Set<Promise<void>>();
  const ending = new AbortController();
  let closing: Promise<void> | null = null;
  let trimming: Promise<void> = Promise.resolve();

  // What could not be dropped now will be with the next try.
  clock.every(
    TRIM_MS,
    () => (trimming = trim(env, topics, retentionMs, clock.now(), ending.signal).catch(() => undefined)),
    ending.signal,
  );

  /** Every call goes through it: a log that is closed rejects. */
  async function whileOpen<T>(call: () => T | Promise<T>): Promise<T> {
    if (closing !== null) throw new PulseError('log.unavailable', { at: path, reason: 'it was closed' });
    env.refresh();
    return call();
  }

  return {
    append: (records) => whileOpen(() => appender.append(records)),
    consume: (options, handle, signal) =>
      whileOpen(async () => {
        const consumer = consume({ env, topics, clock }, options, handle, AbortSignal.any([signal, ending.signal]));
        consumers.add(consumer);
        await consumer.finally(() => consumers.delete(consumer));
      }),
    read: (requests) =>
      whileOpen(async () => {
        const found: LogRecord[][] = [];
        for (const { topic: name, partition, from, max } of requests) {
          const topic = topics.all().get(name);
          const records: LogRecord[] = [];
          if (topic !== undefined && partition < topic.partitions)
            readInto(records, env, { topic, partition, position: Math.max(from, 0) }, Math.min(max, MAX_READ));
          found.push(records);
          await giveWay.after(records.length);
        }
        return found;
      }),
    ranges: (names) => whileOpen(() => [...new Set(names)].flatMap((name) => rangesOf(env, topics.all().get(name)))),
    topics: () => whileOpen(() => [...topics.all().keys()]),
    createTopics: (specs) =>
      whileOpen(async () => {
        const refused = await env.transaction(() => topics.make(specs));
        env.announce();
        return refused;
      }),
    committed: (group) => whileOpen(() => committedPositions(env, group)),
    ping: () => whileOpen(() => void topics.version()),
    close() {
      closing ??= (async () => {
        ending.abort();
        await Promise.allSettled([...consumers, appender.drained(), trimming]);
        // What the disk does not take can't be flushed; LMDB would wait for it for ever.
        const released = release(env);
        await (env.failing ? Promise.race([released, clock.sleep(CLOSE_MS)]) : released);
      })();
      return closing;
    },
  };
}

function rangesOf(env: Environment, topic: Topic | undefined): PartitionRange[] {
  return Array.from({ length: topic?.partitions ?? 0 }, (_, partition): PartitionRange => {
    const end = env.ends.get([topic!.id, partition]) ?? 0;
    return { topic: topic!.name, partition, earliest: env.first(topic!.id, partition) ?? end, end };
  });
}
