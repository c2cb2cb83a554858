import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundOf, MAX_OFFSET, type Place, placeKeys, RecordCodec } from './lmdb-codec.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary', maxLength: 40 });
const record = fc.record({
  key: fc.option(text),
  value: fc.option(bytes),
  headers: fc
    .dictionary(text, fc.oneof(bytes, text), { maxKeys: 4 })
    .map((headers) => new Map(Object.entries(headers))),
  timestamp: fc.integer({ min: 0, max: 4_102_444_800_000 }),
});

describe('a record', () => {
  test('is read as it was written', () => {
    const codec = new RecordCodec();
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        for (const { key, value, headers, timestamp } of records) {
          const written = codec.encode({
            key,
            value,
            headers,
            timestamp,
            bound: boundOf({ topic: 'ticks.EURUSD', key, value, headers }),
          });
          const { end } = written as Buffer & { end: number };
          expect(codec.decode(written.subarray(0, end))).toEqual({
            topic: '',
            partition: 0,
            offset: 0,
            key,
            value,
            headers: new Map([...headers].map(([name, header]) => [name, Buffer.from(header)])),
            timestamp,
          });
        }
      }),
    );
  });

  test('never takes more than its bound', () => {
    fc.assert(
      fc.property(record, ({ key, value, headers, timestamp }) => {
        const bound = boundOf({ topic: 'ticks.EURUSD', key, value, headers });
        expect(
          (new RecordCodec().encode({ key, value, headers, timestamp, bound }) as Buffer & { end: number }).end,
        ).toBeLessThanOrEqual(bound);
      }),
    );
  });

  test('does not change when the bytes it was read from do', () => {
    const codec = new RecordCodec();
    const headers = new Map([['instance', Buffer.from('mirror-1')]]);
    const written = codec.encode({ key: 'EURUSD', value: Buffer.from('1.0841'), headers, timestamp: 1, bound: 200 });
    const source = Buffer.from(written.subarray(0, (written as Buffer & { end: number }).end));
    const read = codec.decode(source);
    source.fill(0);
    expect([read.key, read.value?.toString(), read.headers.get('instance')?.toString()]).toEqual([
      'EURUSD',
      '1.0841',
      'mirror-1',
    ]);
  });
});

describe('a place', () => {
  const place = fc.record({
    topic: fc.nat({ max: 0xffff_ffff }),
    partition: fc.nat({ max: 0xffff }),
    offset: fc.oneof(
      fc.nat({ max: 1000 }),
      fc.maxSafeNat().map((n) => n % MAX_OFFSET),
    ),
  });
  const keyOf = (p: Place): Buffer => {
    const target = Buffer.alloc(20, 0xaa);
    return target.subarray(4, placeKeys.writeKey(p, target, 4));
  };

  test('gives its offset back', () => {
    fc.assert(
      fc.property(place, (p) => {
        expect(placeKeys.readKey(keyOf(p), 0)).toBe(p.offset);
      }),
    );
  });

  test('comes in order of topic, partition and offset', () => {
    const order = (a: Place, b: Place): number => a.topic - b.topic || a.partition - b.partition || a.offset - b.offset;
    fc.assert(
      fc.property(place, place, (a, b) => {
        expect(Buffer.compare(keyOf(a), keyOf(b))).toBe(Math.sign(order(a, b)));
      }),
    );
  });
});
