import { expect, test } from 'vitest';
import { PulseError } from '../../domain/errors/errors.ts';
import type { EntryFields, EntryStream, NewEntry } from '../../ports/entry-stream.ts';
import { bury, type DeadEntry, ownFields } from './dead-entries.ts';

/** A dead-letter stream in memory. */
function deadLetters() {
  const letters: NewEntry[] = [];
  const streams = {
    append: async (entries: NewEntry[]) => void letters.push(...entries),
    range: async () => letters.map((letter, i) => ({ ...letter, id: `1700000000001-${i}` })),
  } as unknown as EntryStream;
  return { letters, streams };
}

const dead = (fields: Record<string, string>): DeadEntry => ({
  entry: {
    stream: 's',
    id: '1700000000000-0',
    deliveries: 1,
    fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Buffer.from(value)])),
  },
  reason: new PulseError('tick.ts.absurd', { value: '17' }),
});

test('an entry that was buried and could not be acknowledged is not buried again by the next attempt', async () => {
  const { letters, streams } = deadLetters();
  const entries = [dead({ j: '{"ts":17}' })];
  expect(await bury(streams, 's', entries)).toBe(1);
  expect(await bury(streams, 's', entries, true)).toBe(0);
  expect(letters).toHaveLength(1);
});

test('fields of the publisher that are called as what is said about them are kept, and come back as they were', async () => {
  const { letters, streams } = deadLetters();
  const fields = { symbol: 'X', ts: '17', source: 'binance', message: 'm', 'own:source': 'x', 'own:desk': 'fx' };
  const entry = dead(fields);
  await bury(streams, 's', [entry]);
  expect(letters[0]!.fields).toMatchObject({
    source: 's@1700000000000-0',
    reason: 'tick.ts.absurd',
    service: 'enrichment',
    'own:source': Buffer.from('binance'),
    'own:message': Buffer.from('m'),
    'own:own:source': Buffer.from('x'),
  });
  expect(ownFields(letters[0]!.fields as EntryFields)).toEqual(entry.entry.fields);
});
