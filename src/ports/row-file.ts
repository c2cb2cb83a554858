/**
 * What the cells of a column hold, besides null. text: any text. number: a finite double. decimal: canonical decimal text, kept exactly
 * where the form has digits and as the nearest double where it has doubles. integer: a safe integer. timestamp: epoch milliseconds, UTC,
 * to the microsecond. list: texts without `|`; never null. json: JSON text.
 */
export type CellKind = 'text' | 'number' | 'decimal' | 'integer' | 'boolean' | 'timestamp' | 'list' | 'json';

export type Cell = string | number | boolean | null | readonly string[];

export interface Column {
  /** Of its own. */
  readonly name: string;
  readonly kind: CellKind;
  /** In a form that nests: the object in which the cell stands, and its name there. An object all of whose cells are null is null. */
  readonly nested?: { readonly object: string; readonly name: string };
  /** A form that names each cell leaves this one out where it has this value. */
  readonly omit?: null | false;
}

/** A cell for each column, in their order. */
export type Row = readonly Cell[];

/** A table on its way to a file. At its path it appears whole, with `close`, or not at all. */
export interface RowFile {
  /** Takes rows, in order; one call at a time. Resolves when there is room for more. Rejects with `file.unwritable`. */
  write(rows: readonly Row[]): Promise<void>;
  /** Resolves when the whole table is durable at its path, in place of what stood there. Rejects with `file.unwritable`. */
  close(): Promise<void>;
  /** Leaves nothing behind; what stood at the path stays. After `close` it does nothing. */
  abort(): Promise<void>;
}
