import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { lstat, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { parquetMetadata, parquetSchema } from 'hyparquet';
import { expect, onTestFinished, test } from 'vitest';
import { csvRows } from '../../src/adapters/row-file/csv.ts';
import { ndjsonRows } from '../../src/adapters/row-file/ndjson.ts';
import { parquetRows } from '../../src/adapters/row-file/parquet.ts';
import { type ByteSink, wholeFile } from '../../src/adapters/row-file/whole-file.ts';
import type { Column, Row, RowFile } from '../../src/ports/row-file.ts';
import { type RowReader, readCsv, readNdjson, readParquet } from '../support/row-readers.ts';
import type { Adapter } from './adapter.ts';
import { runContract } from './contract.ts';
import { type RowFileSubject, rowFileContract } from './row-file.contract.ts';

type Form = (sink: ByteSink, columns: readonly Column[]) => RowFile;

const of = (form: Form, read: RowReader): Adapter<RowFileSubject> => ({
  available: async () => null,
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pulse-rows-'));
    return {
      subject: {
        path: join(folder, 'table'),
        open: async (path, columns) => form(await wholeFile(path), columns),
        read,
      },
      dispose: () => rm(folder, { recursive: true }),
    };
  },
});

runContract(rowFileContract, {
  ndjson: of(ndjsonRows, readNdjson),
  csv: of(csvRows, readCsv),
  parquet: of(parquetRows, readParquet),
});

const columns: readonly Column[] = [
  { name: 'symbol', kind: 'text' },
  { name: 'ts', kind: 'timestamp' },
  { name: 'volume', kind: 'decimal' },
  { name: 'flags', kind: 'list' },
  { name: 'id', kind: 'text', omit: null },
  { name: 'bar_rsi', kind: 'number', nested: { object: 'indicators', name: 'rsi' } },
  { name: 'bar_trend', kind: 'text', nested: { object: 'indicators', name: 'trend' } },
];
const rows: readonly Row[] = [
  ['EURUSD', 1_400_000_000_123, '0.10000000000000000001', ['crossed', 'stale'], 'a"1', 55.5, null],
  ['EURUSD', 1_400_000_000_123.25, '5', [], null, null, null],
];

async function written(form: Form, name: string, gzip = false): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-rows-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  const file = form(await wholeFile(path, { gzip }), columns);
  await file.write(rows);
  await file.close();
  return path;
}

const NDJSON = `\
{"symbol":"EURUSD","ts":1400000000123,"volume":0.10000000000000000001,"flags":["crossed","stale"],"id":"a\\"1","indicators":{"rsi":55.5,"trend":null}}
{"symbol":"EURUSD","ts":1400000000123.25,"volume":5,"flags":[],"indicators":null}
`;

test('NDJSON nests, leaves out what a column says, keeps every digit of a decimal, and gives times in milliseconds', async () => {
  expect(await readFile(await written(ndjsonRows, 'table.ndjson'), 'utf8')).toBe(NDJSON);
});

test('CSV has a header row, ends lines as RFC 4180 does, and gives times in ISO 8601', async () => {
  expect(await readFile(await written(csvRows, 'table.csv'), 'utf8')).toBe(
    [
      'symbol,ts,volume,flags,id,bar_rsi,bar_trend',
      'EURUSD,2014-05-13T16:53:20.123Z,0.10000000000000000001,crossed|stale,"a""1",55.5,',
      'EURUSD,2014-05-13T16:53:20.123250Z,5,,,,',
      '',
    ].join('\r\n'),
  );
});

test('Parquet has doubles, UTF-8, times in microseconds UTC, and lists', async () => {
  const bytes = await readFile(await written(parquetRows, 'table.parquet'));
  const metadata = parquetMetadata(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
  );
  const types = parquetSchema(metadata).children.map(({ element }) => [
    element.name,
    element.type ?? null,
    element.logical_type?.type ?? null,
  ]);
  expect(types).toEqual([
    ['symbol', 'BYTE_ARRAY', 'STRING'],
    ['ts', 'INT64', 'TIMESTAMP'],
    ['volume', 'DOUBLE', null],
    ['flags', null, 'LIST'],
    ['id', 'BYTE_ARRAY', 'STRING'],
    ['bar_rsi', 'DOUBLE', null],
    ['bar_trend', 'BYTE_ARRAY', 'STRING'],
  ]);
  expect(metadata.schema.find(({ name }) => name === 'ts')?.logical_type).toEqual({
    type: 'TIMESTAMP',
    isAdjustedToUTC: true,
    unit: 'MICROS',
  });
});

test('what is written in gzip is the same, in one member', async () => {
  const path = await written(ndjsonRows, 'table.ndjson.gz', true);
  expect((await buffer(createReadStream(path).pipe(createGunzip()))).toString()).toBe(NDJSON);
  expect((await readFile(path)).toString('latin1').split('\x1f\x8b\x08').length - 1).toBe(1);
});

test('a link stays one, and the file that it names is replaced', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-rows-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [file, link] = [join(folder, 'file'), join(folder, 'link')];
  await writeFile(file, 'older');
  await symlink(file, link);
  const sink = await wholeFile(link);
  await sink.write('newer');
  await sink.close();
  expect([(await lstat(link)).isSymbolicLink(), await readFile(file, 'utf8')]).toEqual([true, 'newer']);
});

test('a pipe is not replaced by a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-rows-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(wholeFile(pipe)).rejects.toMatchObject({ code: 'file.unwritable' });
  expect((await lstat(pipe)).isFIFO()).toBe(true);
});
