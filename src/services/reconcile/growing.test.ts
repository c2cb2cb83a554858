import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry, EntryStream } from '../../ports/entry-stream.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { GrowingStream } from './growing-stream.ts';
import { GrowingTopic } from './growing-topic.ts';
import { KeptReadings } from './kept-readings.ts';

const TOPIC = 'bars.EURUSD.1m';

/** A compacted topic as Kafka has it: older versions of a key stay until they are cleaned up, at any time. */
function topicDesk() {
  const partitions = [0, 1].map(() => ({ records: [] as LogRecord[], earliest: 0, end: 0 }));
  let read = 0;
  const log = {
    ranges: async () => partitions.map(({ earliest, end }, partition) => ({ topic: TOPIC, partition, earliest, end })),
    read: async (requests: readonly { partition: number; from: number; max: number }[]) =>
      requests.map(({ partition, from, max }) => {
        const found = partitions[partition]!.records.filter(({ offset }) => offset >= from).slice(0, max);
        read += found.length;
        return found;
      }),
  } as unknown as RecordLog;
  return {
    log,
    get read() {
      return read;
    },
    append(partition: number, key: string, value: string | null, timestamp: number) {
      const at = partitions[partition]!;
      const bytes = value === null ? null : Buffer.from(value);
      at.records.push({ topic: TOPIC, partition, offset: at.end, key, value: bytes, headers: new Map(), timestamp });
      at.end += 1;
    },
    /** Takes away `count` of the oldest versions that have a newer one. */
    clean(partition: number, count: number) {
      const at = partitions[partition]!;
      const newest = new Map(at.records.map(({ key, offset }) => [key, offset]));
      const old = at.records.filter(({ key, offset }) => newest.get(key) !== offset).slice(0, count);
      at.records = at.records.filter((record) => !old.includes(record));
    },
    trim(partition: number, count: number) {
      const at = partitions[partition]!;
      at.earliest = Math.min(at.end, at.earliest + count);
      at.records = at.records.filter(({ offset }) => offset >= at.earliest);
    },
    anew(partition: number) {
      partitions[partition] = { records: [], earliest: 0, end: 0 };
    },
  };
}

const topicSteps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), n: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('clean' as const), n: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim' as const), n: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('anew' as const), n: fc.nat(1) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), n: fc.constant(0) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('forget' as const), n: fc.nat(4) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('unload' as const, 'again' as const), n: fc.constant(0) }),
    },
  ),
  { maxLength: 40 },
);

/** All that stands there, in order, but for some of what was to be forgotten. */
function expectLeft(given: readonly string[], all: readonly string[], forgotten: ReadonlySet<string>): void {
  expect(given).toEqual(all.filter((text) => given.includes(text)));
  expect(given).toEqual(expect.arrayContaining(all.filter((text) => !forgotten.has(text))));
}

/** Does steps with a reading that goes on, and holds what it gives against one that begins anew. */
function heldAgainst(begin: () => GrowingTopic<string> | GrowingStream<string>) {
  const growing = begin();
  const forgotten = new Set<string>();
  let given: string[] = [];
  return async (kind: string, n: number): Promise<void> => {
    if (kind === 'unload') growing.unload();
    else if (kind === 'forget') {
      const old = given.slice(0, n);
      growing.forget((text) => old.includes(text));
      for (const text of old) forgotten.add(text);
    } else if (kind === 'again') {
      const stands = new Set(await begin().items());
      for (const text of await growing.again()) expect(stands).toContain(text);
    } else {
      given = await growing.items();
      expectLeft(given, await begin().items(), forgotten);
    }
  };
}

test('a topic that is read on comes to what stands in it, whatever was written, cleaned up, trimmed or made anew in between', async () => {
  await fc.assert(
    fc.asyncProperty(topicSteps, async (steps) => {
      const desk = topicDesk();
      const textOf = ({ offset, value }: LogRecord) => (value === null ? null : `${offset} ${value}`);
      const held = heldAgainst(() => new GrowingTopic(desk.log, TOPIC, textOf));
      let written = 0;
      for (const { kind, n } of [...steps, { kind: 'read' as const, n: 0 }]) {
        const partition = n % 2;
        if (kind === 'append')
          for (let i = 0; i <= n; i += 1) {
            written += 1;
            desk.append(partition, `10:0${(written * 7) % 5}`, written % 9 === 0 ? null : `bar ${written}`, written);
          }
        else if (kind === 'clean') desk.clean(partition, n);
        else if (kind === 'trim') desk.trim(partition, n);
        else if (kind === 'anew') desk.anew(partition);
        else await held(kind, n);
      }
    }),
    { numRuns: 500 },
  );
});

test('a bar that was deleted is not given any more once it was cleaned up, though something was forgotten in between', async () => {
  const desk = topicDesk();
  const growing = new GrowingTopic(desk.log, TOPIC, ({ value }) => (value === null ? null : String(value)));
  desk.append(0, '10:00', 'deleted', 1);
  desk.append(0, '10:01', 'kept', 2);
  desk.append(0, '10:00', null, 3);
  expect(await growing.items()).toEqual(['deleted', 'kept']);
  growing.forget(() => false);
  desk.clean(0, 1);
  expect(await growing.items()).toEqual(['kept']);
});

test('of what was forgotten nothing is read again', async () => {
  const desk = topicDesk();
  const growing = new GrowingTopic(desk.log, TOPIC, ({ value }) => String(value));
  for (let i = 0; i < 1_000; i += 1) desk.append(0, `bar ${i}`, `${i}`, i);
  await growing.items();
  growing.forget((text) => Number(text) < 990);
  const before = desk.read;
  expect(await growing.items()).toHaveLength(10);
  expect(await growing.again()).toHaveLength(10);
  growing.unload();
  expect(await growing.items()).toHaveLength(10);
  expect(desk.read - before).toBe(1 + 10 + (1 + 10));
});

test('of a topic that grew only what is new is read', async () => {
  const desk = topicDesk();
  const growing = new GrowingTopic(desk.log, TOPIC, ({ value }) => String(value));
  for (let i = 0; i < 1_000; i += 1) desk.append(0, `bar ${i}`, 'a', i);
  await growing.items();
  desk.append(0, 'bar 1000', 'a', 1_000);
  const before = desk.read;
  expect(await growing.items()).toHaveLength(1_001);
  expect(desk.read - before).toBe(2);
});

/** A stream that is trimmed, or deleted and made anew. */
function streamDesk() {
  let entries: Entry[] = [];
  let seq = 0;
  const place = (id: string): number =>
    id === '-' ? 0 : id === '+' ? Number.POSITIVE_INFINITY : Number(id.split('-')[1]);
  const streams = {
    async range(_stream: string, from: string, to: string, count: number) {
      const least = from.startsWith('(') ? place(from.slice(1)) + 1 : place(from);
      return entries.filter(({ id }) => place(id) >= least && place(id) <= place(to)).slice(0, count);
    },
  } as unknown as EntryStream;
  return {
    streams,
    append(text: string) {
      seq += 1;
      entries.push({ stream: TOPIC, id: `1-${seq}`, fields: { j: Buffer.from(text) } });
    },
    trim(count: number) {
      entries = entries.slice(count);
    },
    anew() {
      entries = [];
      seq = 0;
    },
  };
}

test('a stream that is read on comes to what stands in it, whatever was written, trimmed or made anew in between', async () => {
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom('append', 'append', 'append', 'trim', 'anew', 'read', 'read', 'forget', 'unload', 'again'),
      n: fc.nat(12),
    }),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const desk = streamDesk();
      const textOf = ({ id, fields }: Entry) => (fields.j!.toString() === 'bar 7' ? null : `${id} ${fields.j}`);
      const held = heldAgainst(() => new GrowingStream(desk.streams, TOPIC, textOf));
      let written = 0;
      for (const { kind, n } of [...all, { kind: 'read', n: 0 }]) {
        if (kind === 'append')
          for (let i = 0; i <= n; i += 1) {
            written += 1;
            desk.append(`bar ${written}`);
          }
        else if (kind === 'trim') desk.trim(n);
        else if (kind === 'anew') desk.anew();
        else await held(kind, n);
      }
    }),
    { numRuns: 500 },
  );
});

test('what is not kept for want of room is read anew all the same, where it is asked for once more', async () => {
  const topic = topicDesk();
  const growing = new GrowingTopic(topic.log, TOPIC, ({ value }) => String(value));
  const stream = streamDesk();
  const entries = new GrowingStream(stream.streams, TOPIC, ({ fields }) => String(fields.j));
  for (const text of ['a', 'b', 'c']) {
    topic.append(0, text, text, 1);
    stream.append(text);
  }
  for (const each of [growing, entries]) {
    expect(await each.items()).toEqual(['a', 'b', 'c']);
    each.unload();
    expect(await each.again()).toEqual(['a', 'b', 'c']);
    each.forget((text) => text === 'a');
    each.unload();
    expect(await each.again()).toEqual(['b', 'c']);
    each.unload();
  }
  topic.anew(0);
  stream.anew();
  topic.append(0, 'd', 'd', 2);
  stream.append('d');
  expect(await growing.items()).toEqual(['d']);
  expect(await entries.items()).toEqual(['d']);
});

test('what is kept over all symbols is bounded: symbols beyond it are read anew each time', async () => {
  const loaded: string[] = [];
  const kept = new KeptReadings((symbol) => {
    let size = 0;
    return {
      get size() {
        return size;
      },
      read() {
        if (size === 0) loaded.push(symbol);
        size = 40;
      },
      unload() {
        size = 0;
      },
    };
  }, 100);
  for (let round = 0; round < 2; round += 1)
    for (const symbol of ['DAX', 'FTSE', 'SPX']) {
      kept.of(symbol).read();
      kept.endTurn(symbol);
    }
  expect(loaded).toEqual(['DAX', 'FTSE', 'SPX', 'SPX']);
});
