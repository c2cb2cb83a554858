import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Cell, CellKind, Column, RowFile } from '../../ports/row-file.ts';
import type { ByteSink } from './whole-file.ts';

/** Rows of a row group: what is held in memory until it is written, and what a reader takes at once. */
const GROUP = 20_000;
/** What a column chunk holds, as the library wants it. */
type Stored = string | number | boolean | bigint | null | readonly string[];

const TIMESTAMP: Partial<SchemaElement> = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MICROS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
};
const STRING: Partial<SchemaElement> = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
const TYPES: Readonly<Record<Exclude<CellKind, 'list'>, Partial<SchemaElement>>> = {
  text: STRING,
  number: { type: 'DOUBLE' },
  decimal: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  timestamp: TIMESTAMP,
  json: STRING,
};

const same = (cell: NonNullable<Cell>): Stored => cell;
/** Minus zero is zero, as in the forms that are text. */
const asDouble = (cell: NonNullable<Cell>): number => Number(cell) + 0;
const STORE: Readonly<Record<CellKind, (cell: NonNullable<Cell>) => Stored>> = {
  text: same,
  number: asDouble,
  decimal: asDouble,
  integer: (cell) => BigInt(cell as number),
  boolean: same,
  timestamp: (cell) => BigInt(Math.round((cell as number) * 1_000)),
  list: same,
  json: same,
};

/** A table as Parquet: Snappy, row groups of 20,000, timestamps in microseconds UTC, lists as lists, JSON as text. */
export function parquetRows(sink: ByteSink, columns: readonly Column[]): RowFile {
  const bytes = new ByteWriter();
  const flush = async (): Promise<void> => {
    await sink.write(bytes.getBytes());
    bytes.index = 0;
  };
  const writer = Object.assign(bytes, { flush, finish: flush });
  const parquet = new ParquetWriter({ writer, schema: schemaOf(columns), createdBy: 'pulse' });
  const store = columns.map(({ kind }) => STORE[kind]);
  let group: Stored[][] = columns.map(() => []);
  async function writeGroup(): Promise<void> {
    const columnData = columns.map(({ name }, i) => ({ name, data: group[i]!, offsetIndex: false }));
    group = columns.map(() => []);
    await parquet.write({ columnData, rowGroupSize: GROUP });
  }
  return {
    async write(rows) {
      for (const row of rows) {
        for (let i = 0; i < store.length; i += 1) {
          const cell = row[i]!;
          group[i]!.push(cell === null ? null : store[i]!(cell));
        }
        if (group[0]!.length === GROUP) await writeGroup();
      }
    },
    async close() {
      if (group[0]!.length > 0) await writeGroup();
      await parquet.finish();
      await sink.close();
    },
    abort: () => sink.abort(),
  };
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  const elements = columns.flatMap(({ name, kind }): SchemaElement[] =>
    kind === 'list'
      ? [
          {
            name,
            repetition_type: 'REQUIRED',
            converted_type: 'LIST',
            logical_type: { type: 'LIST' },
            num_children: 1,
          },
          { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
          { name: 'element', repetition_type: 'REQUIRED', ...STRING },
        ]
      : [{ name, repetition_type: 'OPTIONAL', ...TYPES[kind] }],
  );
  return [{ name: 'schema', num_children: columns.length }, ...elements];
}
