import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Cell, CellKind, Column, Row, RowFile } from '../../src/ports/row-file.ts';
import { type RowReader, readable } from '../support/row-readers.ts';
import { contract } from './contract.ts';

/** A form of table, with a reader that shares nothing with its writer. */
export interface RowFileSubject {
  /** In a folder that holds nothing else. */
  readonly path: string;
  open(path: string, columns: readonly Column[]): Promise<RowFile>;
  readonly read: RowReader;
}

const kinds: readonly CellKind[] = ['text', 'number', 'decimal', 'integer', 'boolean', 'timestamp', 'list', 'json'];
/** One of each kind, and a few more in an object. */
const columns: readonly Column[] = [
  ...kinds.map((kind) => ({ name: kind, kind })),
  { name: 'bar_rsi', kind: 'number', nested: { object: 'bar', name: 'rsi' } },
  { name: 'late', kind: 'boolean', omit: false },
  { name: 'bar_trend', kind: 'text', nested: { object: 'bar', name: 'trend' } },
];
const TS = 1_400_000_000_123;
const plain: Row = ['EURUSD', 1.3868, '12.5', 7, true, TS, ['crossed', 'stale'], '{"a":[1]}', 55.5, false, 'up'];
/** The plain row with the cell of one kind changed. */
const but = (kind: CellKind, cell: Cell): Row => plain.map((each, i) => (i === kinds.indexOf(kind) ? cell : each));

const awkward: readonly Row[] = [
  plain,
  [null, null, null, null, null, null, [], null, null, true, null],
  ['', 0, '0', 0, false, 0, ['x'], 'null', null, false, 'up'],
  ...['"', '""', 'a,b', 'a;b', 'a\r\nb', '\n', '\r', ' padded ', '{}', '\\', 'null', '東京 €µ🜚', "=1+1'"].map((text) =>
    but('text', text),
  ),
  ...[-0, 1e-9, -1e-300, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1e21, 123456789012345680000].map((number) =>
    but('number', number),
  ),
  ...['0', '0.00000001', '-3', '123456789012345678901234567890.123456789'].map((digits) => but('decimal', digits)),
  ...[-1, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER].map((integer) => but('integer', integer)),
  ...[TS + 0.001, TS + 0.999, TS - 0.5, 253_402_300_799_999, -1].map((ts) => but('timestamp', ts)),
  but('list', ['crossed']),
  ...['[]', '"a,\\"b\\""', '-1.5', '{"é":null}'].map((json) => but('json', json)),
];

async function roundTrip({ path, open, read }: RowFileSubject, batches: readonly (readonly Row[])[]): Promise<Row[]> {
  const file = await open(path, columns);
  for (const rows of batches) await file.write(rows);
  await file.close();
  return read(path, columns);
}

const text = fc.string({ unit: 'grapheme' });
const maybe = <T extends Cell>(cells: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(cells);
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const randomRow: fc.Arbitrary<Row> = fc.tuple(
  maybe(text),
  maybe(double),
  maybe(fc.integer().map((units) => String(units / 64))),
  maybe(fc.maxSafeInteger()),
  maybe(fc.boolean()),
  maybe(fc.integer({ min: -1e9, max: 4e9 }).map((seconds) => seconds * 1_000 + 0.25)),
  fc.array(fc.constantFrom('crossed', 'locked', 'stale', 'outlier'), { maxLength: 3 }),
  maybe(fc.json()),
  maybe(double),
  fc.boolean(),
  maybe(text),
);

const expectUnwritable = (opening: Promise<unknown>, reason: string): Promise<void> =>
  expect(opening).rejects.toMatchObject({ code: 'file.unwritable', message: expect.stringContaining(reason) });

export const rowFileContract = contract<RowFileSubject>('row-file', [
  [
    'gives back awkward cells as they were',
    async (subject) => {
      const found = await roundTrip(subject, [awkward]);
      expect(found).toEqual(awkward.map((row) => readable(row, columns)));
      expect(found.flat().some((cell) => Object.is(cell, -0))).toBe(false);
    },
  ],
  [
    'gives back whatever rows it took, in their order',
    async (subject) => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(randomRow, { maxLength: 8 }), { maxLength: 4 }), async (batches) => {
          const expected = batches.flat().map((row) => readable(row, columns));
          expect(await roundTrip(subject, batches)).toEqual(expected);
        }),
        { numRuns: 60 },
      );
    },
  ],
  [
    'gives back many rows, in whatever batches they came',
    async (subject) => {
      const rows = Array.from({ length: 45_003 }, (_, i) => but('integer', i));
      const found = await roundTrip(subject, [rows.slice(0, 7), rows.slice(7, 30_000), [], rows.slice(30_000)]);
      expect(found.map((row) => row[kinds.indexOf('integer')])).toEqual(rows.map((_, i) => i));
    },
  ],
  [
    'is a whole file that has no rows, where none came',
    async (subject) => {
      expect(await roundTrip(subject, [])).toEqual([]);
    },
  ],
  [
    'appears at its path when it is closed, in place of what stood there',
    async (subject) => {
      const { path, open, read } = subject;
      await writeFile(path, 'older');
      const file = await open(path, columns);
      await file.write([plain, plain]);
      expect(await readFile(path, 'utf8')).toBe('older');
      await file.close();
      expect(await read(path, columns)).toEqual([readable(plain, columns), readable(plain, columns)]);
      expect(await readdir(dirname(path))).toEqual([basename(path)]);
    },
  ],
  [
    'is past aborting once it is closed, and leaves the next one alone',
    async ({ path, open, read }) => {
      const file = await open(path, columns);
      await file.close();
      const next = await open(path, columns);
      await file.abort();
      await next.write([plain]);
      await next.close();
      expect(await read(path, columns)).toEqual([readable(plain, columns)]);
    },
  ],
  [
    'leaves nothing behind when it is aborted, and what stood there as it was',
    async ({ path, open }) => {
      await (await open(path, columns)).abort();
      expect(await readdir(dirname(path))).toEqual([]);
      await writeFile(path, 'older');
      const file = await open(path, columns);
      await file.write(awkward);
      await file.abort();
      expect([await readdir(dirname(path)), await readFile(path, 'utf8')]).toEqual([[basename(path)], 'older']);
    },
  ],
  [
    'says at once where it cannot be written',
    async ({ path, open }) => {
      await expectUnwritable(open(join(path, 'none', basename(path)), columns), 'its folder does not exist');
      await mkdir(path);
      await expectUnwritable(open(path, columns), 'it is a directory');
      const file = join(path, 'file');
      await writeFile(file, '');
      await expectUnwritable(open(join(file, basename(path)), columns), 'its folder is a file');
      expect(await readdir(path)).toEqual(['file']);
    },
  ],
]);
