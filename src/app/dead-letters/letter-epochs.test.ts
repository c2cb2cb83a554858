import { expect, test } from 'vitest';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { LetterEpochs } from './letter-epochs.ts';

const letter = (offset: number, epoch: number, payload: string, follows: number | null = null): LogRecord => ({
  topic: 'ticks.rejected',
  partition: 0,
  offset,
  timestamp: offset,
  key: 'DAX',
  value: Buffer.from(payload),
  headers: new Map(
    Object.entries({
      service: 'mirror',
      epoch: String(epoch),
      ...(follows !== null && { follows: `{"0":${follows}}` }),
    }).map(([name, value]) => [name, Buffer.from(value)]),
  ),
});

const logOf = (records: readonly LogRecord[]): RecordLog =>
  ({
    ranges: async () => [{ topic: 'ticks.rejected', partition: 0, earliest: 0, end: records.length }],
    read: async (requests) => requests.map(({ from, max }) => records.slice(from, from + max)),
  }) as Partial<RecordLog> as RecordLog;

const texts = (records: readonly LogRecord[]): string => records.map(({ value }) => value?.toString()).join(' ');

test('what is delivered again, since it could not be sent, counts as before', async () => {
  const records = [letter(0, 1, 'z'), letter(1, 2, 'w', 1)];
  const epochs = new LetterEpochs(logOf(records));
  for (const _ of ['at first', 'again']) expect(texts(await epochs.counting(records))).toBe('z w');
});

test('a replay that goes on where one before ended knows what stands before', async () => {
  const records = [
    letter(0, 1, 'a'),
    letter(1, 1, 'b'),
    letter(2, 2, 'w', 0),
    letter(3, 2, 'a'),
    letter(4, 2, 'b'),
    letter(5, 2, 'c'),
    letter(6, 1, 'c'),
  ];
  for (let from = 0; from < records.length; from += 1) {
    const [first, rest] = [new LetterEpochs(logOf(records)), new LetterEpochs(logOf(records))];
    const sent = [...(await first.counting(records.slice(0, from))), ...(await rest.counting(records.slice(from)))];
    expect(texts(sent)).toBe('a b w c');
  }
});
