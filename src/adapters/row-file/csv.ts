import type { Cell, CellKind, Column, Row, RowFile } from '../../ports/row-file.ts';
import type { ByteSink } from './whole-file.ts';

type Encode = (cell: NonNullable<Cell>) => string;

/** A cell that could be taken for its end, or for none at all, stands in quotes. */
const quoted = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
const asText: Encode = (cell) => quoted(cell as string);
const asIs: Encode = (cell) => `${cell}`;
const ENCODE: Readonly<Record<CellKind, Encode>> = {
  text: asText,
  number: asIs,
  decimal: asIs,
  integer: asIs,
  boolean: asIs,
  timestamp: (cell) => isoOf(cell as number),
  list: (cell) => (cell as readonly string[]).join('|'),
  json: asText,
};

/**
 * A table as CSV after RFC 4180, in UTF-8, with a header row. Null is an empty cell; an empty text is `""`, as PostgreSQL has it.
 * Timestamps are ISO 8601; the texts of a list are joined by `|`.
 */
export function csvRows(sink: ByteSink, columns: readonly Column[]): RowFile {
  const encoders = columns.map(({ kind }) => ENCODE[kind]);
  const line = (row: Row): string => {
    let text = '';
    for (let i = 0; i < encoders.length; i += 1) {
      const cell = row[i]!;
      text += `${i === 0 ? '' : ','}${cell === null ? '' : encoders[i]!(cell)}`;
    }
    return `${text}\r\n`;
  };
  let header = `${columns.map(({ name }) => quoted(name)).join(',')}\r\n`;
  async function put(rows: readonly Row[]): Promise<void> {
    let text = header;
    header = '';
    for (const row of rows) text += line(row);
    if (text !== '') await sink.write(text);
  }
  return {
    write: put,
    async close() {
      await put([]);
      await sink.close();
    },
    abort: () => sink.abort(),
  };
}

/** ISO 8601 in UTC, with milliseconds, or microseconds where the time has any. */
function isoOf(ts: number): string {
  const micros = Math.round(ts * 1_000);
  const ms = Math.floor(micros / 1_000);
  const iso = new Date(ms).toISOString();
  const rest = micros - ms * 1_000;
  return rest === 0 ? iso : `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
