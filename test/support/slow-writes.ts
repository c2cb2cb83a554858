import type { Entry, EntryStream } from '../../src/ports/entry-stream.ts';
import type { LogRecord, NewRecord, RecordLog } from '../../src/ports/record-log.ts';

/** Writes that are in only some turns of the event loop after they were begun: who does not await them goes on too early. */
export class SlowWrites {
  /** Writes under way. */
  underWay = 0;
  /** What was done while another write was under way. */
  readonly early: string[] = [];
  /** Writes that are in, in order. */
  readonly done: string[] = [];
  /** What the writes that come fail for. */
  failures: Error[] = [];

  /** Notes `what` where a write is under way: it should have been awaited. */
  look(what: string): void {
    if (this.underWay > 0) this.early.push(what);
  }

  async write<T>(what: string, apply: () => T): Promise<T> {
    this.look(what);
    this.underWay += 1;
    try {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
      const failure = this.failures.shift();
      if (failure !== undefined) throw failure;
      this.done.push(what);
      return apply();
    } finally {
      this.underWay -= 1;
    }
  }
}

/** A record log in memory, one partition a topic. It refuses the topics in `refused`. */
export function memoryLog(writes: SlowWrites, refused: ReadonlySet<string> = new Set()): RecordLog {
  const topics = new Map<string, LogRecord[]>();
  const partition = (topic: string): LogRecord[] => {
    const records = topics.get(topic) ?? [];
    topics.set(topic, records);
    return records;
  };
  const add = ({ topic, key, value, headers, timestamp = 0 }: NewRecord): void => {
    const bytes = [...(headers ?? [])].map(([name, content]) => [name, Buffer.from(content)] as const);
    const records = partition(topic);
    records.push({ topic, partition: 0, offset: records.length, key, value, headers: new Map(bytes), timestamp });
  };
  return {
    append: (records) =>
      writes.write(`append ${[...new Set(records.map(({ topic }) => topic))].join(' ')}`, () => records.forEach(add)),
    createTopics: (specs) =>
      writes.write(`create ${specs.map(({ topic }) => topic).join(' ')}`, () => {
        for (const { topic } of specs) if (!refused.has(topic)) partition(topic);
        const out = specs.filter(({ topic }) => refused.has(topic));
        return out.map(({ topic }) => ({ topic, reason: 'it is refused here', collidesWith: null }));
      }),
    read: async (requests) => requests.map(({ topic, from, max }) => (topics.get(topic) ?? []).slice(from, from + max)),
    ranges: async (names) =>
      names.flatMap((topic) => {
        const records = topics.get(topic);
        return records === undefined ? [] : [{ topic, partition: 0, earliest: 0, end: records.length }];
      }),
    topics: async () => [...topics.keys()].sort(),
    committed: async () => [],
    consume: () => Promise.reject(new Error('the test delivers')),
    ping: async () => undefined,
    close: async () => undefined,
  };
}

/** Streams in memory, without groups. */
export function memoryStreams(writes: SlowWrites): Pick<EntryStream, 'append' | 'range' | 'newest' | 'streams'> {
  const streams = new Map<string, Entry[]>();
  const of = (stream: string): Entry[] => streams.get(stream) ?? [];
  return {
    append: (entries) =>
      writes.write('append', () =>
        entries.map(({ stream, fields }) => {
          const id = `0-${of(stream).length + 1}`;
          const bytes = Object.entries(fields).map(([name, content]) => [name, Buffer.from(content)] as const);
          streams.set(stream, [...of(stream), { stream, id, fields: Object.fromEntries(bytes) }]);
          return id;
        }),
      ),
    range: async (stream) => of(stream),
    newest: async (stream, count) => of(stream).slice(-count).reverse(),
    streams: async (pattern) =>
      [...streams.keys()].filter((name) => name.startsWith(pattern.replace(/\*$/, ''))).sort(),
  };
}
