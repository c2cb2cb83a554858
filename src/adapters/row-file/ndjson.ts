import type { Cell, CellKind, Column, Row, RowFile } from '../../ports/row-file.ts';
import type { ByteSink } from './whole-file.ts';

type Encode = (cell: NonNullable<Cell>) => string;

const asText: Encode = (cell) => `${cell}`;
const asJson: Encode = (cell) => JSON.stringify(cell);
/** Numbers as JavaScript writes them: the shortest digits that read back as the same double; -0 as 0. */
const ENCODE: Readonly<Record<CellKind, Encode>> = {
  text: asJson,
  number: asText,
  decimal: asText,
  integer: asText,
  boolean: asText,
  timestamp: asText,
  list: asJson,
  json: asText,
};

/** Appends what a row says to the text of its object: `"mid":1.3868`, or nothing. */
type Member = (row: Row, text: string) => string;

/** A table as NDJSON: one JSON object a line, in UTF-8, with nested objects as the columns ask for them. */
export function ndjsonRows(sink: ByteSink, columns: readonly Column[]): RowFile {
  const members = membersOf(columns);
  const line = (row: Row): string => {
    let text = '';
    for (const member of members) text = member(row, text);
    return `{${text}}\n`;
  };
  return {
    async write(rows) {
      if (rows.length === 0) return;
      let text = '';
      for (const row of rows) text += line(row);
      await sink.write(text);
    },
    close: () => sink.close(),
    abort: () => sink.abort(),
  };
}

function membersOf(columns: readonly Column[]): Member[] {
  const objects = Map.groupBy(columns.keys(), (i) => columns[i]!.nested?.object);
  return columns.flatMap((column, i) => {
    const { nested, name } = column;
    if (nested === undefined) return memberOf(name, column, i);
    const indexes = objects.get(nested.object)!;
    // The object stands where its first cell does.
    return indexes[0] === i ? objectOf(nested.object, columns, indexes) : [];
  });
}

function memberOf(name: string, { kind, omit }: Column, i: number): Member {
  const key = `${JSON.stringify(name)}:`;
  const encode = ENCODE[kind];
  return (row, text) => {
    const cell = row[i]!;
    if (cell === omit) return text;
    return `${text}${text === '' ? '' : ','}${key}${cell === null ? 'null' : encode(cell)}`;
  };
}

function objectOf(object: string, columns: readonly Column[], indexes: readonly number[]): Member {
  const key = `${JSON.stringify(object)}:`;
  const members = indexes.map((i) => memberOf(columns[i]!.nested!.name, columns[i]!, i));
  return (row, text) => {
    let inner = '';
    for (const member of members) inner = member(row, inner);
    const isNull = indexes.every((i) => row[i] === null);
    return `${text}${text === '' ? '' : ','}${key}${isNull ? 'null' : `{${inner}}`}`;
  };
}
