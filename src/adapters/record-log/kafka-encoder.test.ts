import { Reader, readRecordsBatch } from '@platformatic/kafka';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NewRecord } from '../../ports/record-log.ts';
import { encodeBatch } from './kafka-encoder.ts';
import type { Append } from './kafka-partition.ts';
import { outgoing, partitionOf, RecordCursor } from './kafka-records.ts';

const append: Append = { deadline: 0, settle: () => undefined, settleOne: () => undefined };
const sender = { producerId: 4711n, epoch: 3, sequence: 2 ** 31 - 1 };

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const record: fc.Arbitrary<NewRecord> = fc.record({
  topic: fc.constant('ticks.EURUSD'),
  key: fc.option(fc.string({ unit: 'binary', maxLength: 40 })),
  value: fc.option(bytes),
  headers: fc
    .array(fc.tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.oneof(bytes, fc.string({ unit: 'binary' }))), {
      maxLength: 4,
    })
    .map((list) => new Map(list)),
  timestamp: fc.oneof(fc.integer({ min: 0, max: 2 ** 48 }), fc.integer({ min: 1.7e12, max: 1.7e12 + 1000 })),
});

test('what is encoded reads back the same, bytes and all', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 200 }), (records) => {
      const batch = readRecordsBatch(
        Reader.from(
          encodeBatch(
            records.map((r) => outgoing(r, 0, append)),
            sender,
          ),
        ),
      );
      const read: Parameters<RecordCursor['take']>[0] = [];
      new RecordCursor('ticks.EURUSD', 0, 0, [{ ...batch, firstOffset: 0n }]).take(read, 1000);
      expect(read).toEqual(
        records.map(({ topic, key, value, headers, timestamp }, offset) => ({
          topic,
          partition: 0,
          offset,
          key,
          value,
          headers: new Map([...headers!].map(([name, content]) => [name, Buffer.from(content)])),
          timestamp,
        })),
      );
      expect([batch.producerId, batch.producerEpoch, batch.firstSequence, batch.lastOffsetDelta]).toEqual([
        4711n,
        3,
        2 ** 31 - 1,
        records.length - 1,
      ]);
      expect(Number(batch.maxTimestamp)).toBe(Math.max(...records.map(({ timestamp }) => timestamp!)));
    }),
    { numRuns: 300 },
  );
});

// From Kafka's own UtilsTest: murmur2 of these, made positive, modulo 1000.
test.each`
  key                                                   | hash
  ${'21'}                                               | ${-973932308}
  ${'foobar'}                                           | ${-790332482}
  ${'a-little-bit-long-string'}                         | ${-985981536}
  ${'a-little-bit-longer-string'}                       | ${-1486304829}
  ${'lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8'} | ${-58897971}
`('the key $key goes where Java clients put it', ({ key, hash }) => {
  expect(partitionOf(key, 1000)).toBe((hash & 0x7fffffff) % 1000);
});
