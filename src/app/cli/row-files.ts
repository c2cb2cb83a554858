import { csvRows } from '../../adapters/row-file/csv.ts';
import { ndjsonRows } from '../../adapters/row-file/ndjson.ts';
import { parquetRows } from '../../adapters/row-file/parquet.ts';
import { type ByteSink, wholeFile } from '../../adapters/row-file/whole-file.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Column, RowFile } from '../../ports/row-file.ts';
import type { Terminal } from '../host/terminal.ts';

type Form = (sink: ByteSink, columns: readonly Column[]) => RowFile;

const FORMS: readonly (readonly [ending: RegExp, form: Form, gzip: boolean])[] = [
  [/\.ndjson$/i, ndjsonRows, false],
  [/\.ndjson\.gz$/i, ndjsonRows, true],
  [/\.csv$/i, csvRows, false],
  [/\.csv\.gz$/i, csvRows, true],
  [/\.parquet$/i, parquetRows, false],
];

/** Opens a file for a table, in the form that its name ends in. Rejects with `enrich-file.format`, naming `flag`, or `file.unwritable`. */
export async function openRowFile(path: string, flag: string, columns: readonly Column[]): Promise<RowFile> {
  const found = FORMS.find(([ending]) => ending.test(path));
  if (found === undefined) throw new PulseError('enrich-file.format', { flag, path });
  const [, form, gzip] = found;
  return form(await wholeFile(path, { gzip }), columns);
}

/** Standard output as a table in NDJSON. */
export const rowsToTerminal = (terminal: Terminal, columns: readonly Column[]): RowFile =>
  ndjsonRows(
    {
      async write(data) {
        terminal.out(data.toString());
        await terminal.drained();
      },
      close: async () => undefined,
      abort: async () => undefined,
    },
    columns,
  );
