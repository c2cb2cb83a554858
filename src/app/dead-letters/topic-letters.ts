import { PulseError } from '../../domain/errors/errors.ts';
import { JOINED } from '../../domain/gap/gap.ts';
import { EPOCH, FOLLOWS, REPLAYED } from '../../domain/tape/epoch.ts';
import { NOTICE } from '../../domain/tape/rejected.ts';
import type { LogPosition, LogRecord, NewRecord, RecordLog } from '../../ports/record-log.ts';
import { type DeadLetter, type DeadLetterPlace, isOrigin, META, REPLAY_GROUP } from './dead-letter.ts';
import { LetterEpochs } from './letter-epochs.ts';

const SUFFIX = '.dlq';
const idOf = ({ partition, offset }: LogRecord): string => `${partition}@${offset}`;

/** Dead letters of a topic: `<topic>.dlq` or `ticks.rejected`. */
export function topicLetters(log: RecordLog, topic: string): DeadLetterPlace {
  const at = async (id: string): Promise<LogRecord | null> => {
    const [, partition, offset] = /^(\d+)@(\d+)$/.exec(id) ?? [];
    if (partition === undefined) return null;
    const [[record] = []] = await log.read([{ topic, partition: Number(partition), from: Number(offset), max: 1 }]);
    return record !== undefined && idOf(record) === id ? record : null;
  };
  return {
    name: topic,
    kind: 'topic',
    async count() {
      return (await log.ranges([topic])).reduce((sum, { earliest, end }) => sum + end - earliest, 0);
    },
    async newest(limit) {
      const requests = (await log.ranges([topic])).map(({ partition, earliest, end }) => ({
        topic,
        partition,
        from: Math.max(earliest, end - limit),
        max: limit,
      }));
      return (await log.read(requests))
        .flat()
        .sort((a, b) => a.timestamp - b.timestamp)
        .slice(-limit)
        .map(letterOf);
    },
    async find(id) {
      const record = await at(id);
      return record === null ? null : letterOf(record);
    },
    async replay(limit, target, signal) {
      const left = await unreplayed(log, topic);
      const epochs = new LetterEpochs(log);
      const stop = new AbortController();
      const stuck: DeadLetter[] = [];
      let replayed = 0;
      if (left.size === 0) return { replayed, stuck };
      await log.consume(
        { group: REPLAY_GROUP, topics: { topics: [topic] } },
        async (records) => {
          const open = records.filter(({ partition, offset }) => offset < (left.get(partition) ?? 0));
          const due = (await epochs.counting(open)).slice(0, limit - replayed);
          const writable = due.filter((record) => originOf(record, target) !== null);
          await log.append(writable.map((record) => again(record, originOf(record, target)!)));
          replayed += writable.length;
          stuck.push(...due.filter((record) => !writable.includes(record)).map(letterOf));
          const isFull = replayed + stuck.length >= limit;
          for (const { partition, offset } of isFull ? due : records)
            if (offset + 1 >= (left.get(partition) ?? 0)) left.delete(partition);
          if (left.size === 0 || isFull) stop.abort();
          return (isFull ? due : open).map(
            (record): LogPosition => ({ topic, partition: record.partition, offset: record.offset + 1 }),
          );
        },
        AbortSignal.any([stop.signal, signal]),
      );
      return { replayed, stuck };
    },
    async replayOne(letter, target) {
      const record = await at(letter.id);
      if (record === null) throw new PulseError('dlq.letter.unknown', { place: topic, id: letter.id });
      const origin = originOf(record, target);
      if (origin === null)
        throw new PulseError('dlq.no-origin', { place: topic, id: letter.id, source: letter.source });
      await log.append([again(record, origin)]);
    },
  };
}

/** Ends of the partitions that hold letters which the group has not passed. */
async function unreplayed(log: RecordLog, topic: string): Promise<Map<number, number>> {
  const passed = new Map(
    (await log.committed(REPLAY_GROUP)).flatMap((p) => (p.topic === topic ? [[p.partition, p.offset]] : [])),
  );
  const ranges = await log.ranges([topic]);
  return new Map(
    ranges.flatMap(({ partition, earliest, end }) =>
      Math.max(earliest, passed.get(partition) ?? 0) < end ? [[partition, end]] : [],
    ),
  );
}

const header = ({ headers }: LogRecord, name: string): string => headers.get(name)?.toString() ?? '';

function letterOf(record: LogRecord): DeadLetter {
  return {
    id: idOf(record),
    at: record.timestamp,
    reason: header(record, 'reason'),
    message: header(record, 'message'),
    source: header(record, 'source'),
    payload: record.value ?? Buffer.alloc(0),
  };
}

function originOf(record: LogRecord, target: string | null): string | null {
  if (target !== null) return target;
  if (header(record, NOTICE) !== '') return null;
  // A channel may hold a slash of its own: only a partition and an offset at the end mark a topic.
  const source = header(record, 'source').replace(/\/\d+@\d+$/, '');
  if (isOrigin(source)) return source;
  const named = record.topic.endsWith(SUFFIX) ? record.topic.slice(0, -SUFFIX.length) : '';
  return isOrigin(named) ? named : null;
}

function again(record: LogRecord, topic: string): NewRecord {
  const headers = new Map<string, Buffer | string>(record.headers);
  for (const name of META) headers.delete(name);
  // The mirror numbers what it writes: a replayed tick must not look like one of a run of its own.
  for (const name of ['instance', 'seq', JOINED, EPOCH, FOLLOWS]) headers.delete(name);
  headers.set(REPLAYED, `${record.topic}/${idOf(record)}`);
  return { topic, key: record.key, value: record.value, headers };
}
