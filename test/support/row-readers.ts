import { readFile } from 'node:fs/promises';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { Cell, Column, Row } from '../../src/ports/row-file.ts';

/** Reads a whole table back, with nothing of what wrote it. */
export type RowReader = (path: string, columns: readonly Column[]) => Promise<Row[]>;

/** What a reader finds of a row: decimals as numbers, JSON without spaces, and no minus zero. */
export const readable = (row: Row, columns: readonly Column[]): Row =>
  row.map((cell, i) => {
    if (cell === null) return null;
    const { kind } = columns[i]!;
    if (kind === 'decimal') return Number(cell) + 0;
    if (kind === 'json') return jsonCell(JSON.parse(cell as string));
    return typeof cell === 'number' ? cell + 0 : cell;
  });

/** JSON without spaces. The null of JSON is a null. */
const jsonCell = (value: unknown): Cell => (value === null ? null : JSON.stringify(value));

export const readNdjson: RowReader = async (path, columns) => {
  const text = await readFile(path, 'utf8');
  return linesOf(text).map((line) => ndjsonRow(JSON.parse(line), columns));
};

type Json = Readonly<Record<string, unknown>>;

/** The cells of one object. */
export const ndjsonRow = (object: Json, columns: readonly Column[]): Row =>
  columns.map(({ name, kind, nested, omit }) => {
    const holder = nested === undefined ? object : (object[nested.object] as Json | null);
    const value = holder === null ? null : holder[nested?.name ?? name];
    if (value === undefined) return omit as Cell;
    return kind === 'json' ? jsonCell(value) : (value as Cell);
  });

function linesOf(text: string): string[] {
  if (text === '') return [];
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  return text.slice(0, -1).split('\n');
}

export const readCsv: RowReader = async (path, columns) => {
  const [header, ...records] = csvRecords(await readFile(path, 'utf8'));
  const names = header?.map(({ text }) => text);
  if (JSON.stringify(names) !== JSON.stringify(columns.map(({ name }) => name)))
    throw new Error(`the header row is ${JSON.stringify(names)}`);
  return records.map((record) => record.map((field, i) => csvCell(field, columns[i]!)));
};

interface Field {
  readonly text: string;
  readonly quoted: boolean;
}

/** The records of a CSV file, read as RFC 4180 has it: strictly. */
function csvRecords(text: string): Field[][] {
  const records: Field[][] = [];
  let record: Field[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (match === null) throw new Error(`no field at ${JSON.stringify(text.slice(at, at + 60))}`);
    const [, inQuotes, bare = '', end] = match;
    record.push({ text: inQuotes?.replaceAll('""', '"') ?? bare, quoted: inQuotes !== undefined });
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  if (record.length > 0) throw new Error('the last record has no end');
  return records;
}

function csvCell({ text, quoted }: Field, { kind }: Column): Cell {
  if (kind === 'list') return text === '' ? [] : text.split('|');
  if (text === '' && !quoted) return null;
  switch (kind) {
    case 'text':
      return text;
    case 'json':
      return jsonCell(JSON.parse(text));
    case 'boolean':
      return text === 'true';
    case 'timestamp':
      return timeOf(text);
    default:
      return Number(text);
  }
}

/** Epoch milliseconds of ISO 8601 with up to six decimals; `Date` knows three. */
function timeOf(iso: string): number {
  const [, whole, ms, micros = '0'] = /^(\S+T[\d:]+)\.(\d{3})(\d{3})?Z$/.exec(iso)!;
  return (Date.parse(`${whole}.${ms}Z`) * 1_000 + Number(micros)) / 1_000;
}

export const readParquet: RowReader = async (path, columns) => {
  const file = await asyncBufferFromFile(path);
  const rows = await parquetReadObjects({
    file,
    parsers: { timestampFromMicroseconds: (micros: bigint) => Number(micros) / 1_000 } as never,
  });
  return rows.map((row) => columns.map(({ name, kind }) => parquetCell(row[name], kind)));
};

function parquetCell(value: unknown, kind: Column['kind']): Cell {
  if (value === null || value === undefined) return null;
  if (kind === 'json') return jsonCell(JSON.parse(value as string));
  return typeof value === 'bigint' ? Number(value) : (value as Cell);
}
