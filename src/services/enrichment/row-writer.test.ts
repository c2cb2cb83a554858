import { expect, test } from 'vitest';
import { PulseError } from '../../domain/errors/errors.ts';
import { type Writable, writeRows } from './row-writer.ts';

const batch = ['a', 'b', 'poison', 'c'].map((entryId) => ({
  row: { entryId, ts: 0 },
  analyses: [],
})) as unknown as Writable[];

/** A database that ends each statement about the poison, or about anything, with this SQLSTATE. */
function writing(sqlstate: string, about: 'poison' | 'anything') {
  const written: string[] = [];
  const needs = {
    database: { transaction: (work: (query: null) => Promise<number>) => work(null) },
    rows: {
      partitions: { ensure: async () => undefined, forget: () => undefined },
      async insert(_: null, rows: { entryId: string }[]) {
        if (about === 'anything' || rows.some(({ entryId }) => entryId === 'poison'))
          throw new PulseError('database.query', { sqlstate, reason: 'so it is' });
        written.push(...rows.map(({ entryId }) => entryId));
        return rows.length;
      },
    },
    analyses: { insert: async () => undefined },
  } as unknown as Parameters<typeof writeRows>[0];
  return { written, done: writeRows(needs, batch) };
}

test.each([
  '22P05',
  '22003',
  '23514',
  '54000',
  '54001',
])('a row that is refused with %s stands alone; the others are written', async (sqlstate) => {
  const { written, done } = writing(sqlstate, 'poison');
  const { added, refused } = await done;
  expect([added, written, refused.size]).toEqual([3, ['a', 'b', 'c'], 1]);
  expect(refused.get(batch[2]!.row)).toContain(sqlstate);
});

test.each([
  '42P01',
  '42703',
  '42501',
  '54023',
])('a statement that is refused with %s is no fault of any row: it rejects', async (sqlstate) => {
  const { written, done } = writing(sqlstate, 'anything');
  await expect(done).rejects.toMatchObject({ code: 'database.query', evidence: { sqlstate } });
  expect(written).toEqual([]);
});
