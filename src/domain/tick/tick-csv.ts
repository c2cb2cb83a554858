import { PulseError } from '../errors/errors.ts';

/** Names that a column may have, by the field of the wire form that it becomes. Compared in lower case, without <> and spaces. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  symbol: ['symbol', 'instrument', 'ticker', 'pair'],
  ts: ['ts', 'timestamp', 'time', 'datetime', 'date_time', 'gmttime', 'utc'],
  price: ['price'],
  last: ['last'],
  mid: ['mid'],
  bid: ['bid', 'bidprice', 'bid_price'],
  ask: ['ask', 'askprice', 'ask_price', 'offer'],
  volume: ['volume', 'vol', 'size', 'tick_vol', 'qty', 'quantity', 'amount'],
  side: ['side'],
  id: ['id', 'trade_id', 'tradeid'],
  seq: ['seq', 'sequence'],
};

/** Fields that are text in the wire form, whatever they look like. */
const TEXT: ReadonlySet<string> = new Set(['symbol', 'side', 'id']);
const NUMERAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** How the rows of a CSV file become ticks. */
export interface CsvColumns {
  readonly separator: string;
  /** A field of the wire form for each column; null where the column is left out. */
  readonly fields: readonly (string | null)[];
  /** The column that holds the date, where it stands apart from the time; else -1. */
  readonly date: number;
}

/** Reads a header row. Rejects with `feed.file.columns` where it names no time or no price; `path` is for the message. */
export function csvColumns(header: string, path: string): CsvColumns {
  const separator = [',', ';', '\t', '|'].find((s) => header.includes(s)) ?? ',';
  const names = (csvCells(header, separator) ?? []).map((name) => name.toLowerCase().replace(/[<>\s]/g, ''));
  const taken = new Set<string>();
  const fields = names.map((name) => {
    const field = Object.keys(NAMES).find((key) => NAMES[key]!.includes(name)) ?? null;
    // Of two columns for one field the first counts: exports repeat the time in other forms.
    if (field === null || taken.has(field)) return null;
    taken.add(field);
    return field;
  });
  const date = names.indexOf('date');
  if (date >= 0 && !taken.has('ts')) {
    fields[date] = 'ts';
    taken.add('ts');
  }
  const missing = !taken.has('ts')
    ? 'the time'
    : taken.has('price') || taken.has('last') || taken.has('mid') || (taken.has('bid') && taken.has('ask'))
      ? null
      : 'the price';
  if (missing !== null)
    throw new PulseError('feed.file.columns', {
      path,
      header: header.slice(0, 200),
      missing,
      allowed: 'ts, price, last, mid, bid, ask, volume, symbol, side, id, seq',
    });
  return { separator, fields, date: fields[date] === 'ts' ? -1 : date };
}

/** The wire form of a row, digits as they stand; null where it has another number of cells than the header, or an open quote. */
export function csvTick(row: string, { separator, fields, date }: CsvColumns): string | null {
  const cells = csvCells(row, separator);
  if (cells === null || cells.length !== fields.length) return null;
  let json = '';
  for (let i = 0; i < cells.length; i += 1) {
    const field = fields[i]!;
    let cell = cells[i]!;
    if (field === null || cell === '') continue;
    if (field === 'ts') cell = timeText(date >= 0 ? `${cells[date]} ${cell}` : cell);
    json += `${json === '' ? '{' : ','}"${field}":${!TEXT.has(field) && NUMERAL.test(cell) ? cell : JSON.stringify(cell)}`;
  }
  return json === '' ? '{}' : `${json}}`;
}

/** The cells of a row, trimmed; null where a quote stays open. */
function csvCells(row: string, separator: string): string[] | null {
  if (!row.includes('"')) return row.split(separator).map((cell) => cell.trim());
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    while (row[at] === ' ') at += 1;
    let cell = '';
    if (row[at] === '"') {
      for (at += 1; ; at += 1) {
        if (at >= row.length) return null;
        if (row[at] !== '"') cell += row[at];
        else if (row[at + 1] === '"') cell += row[(at += 1)];
        else break;
      }
      at += 1;
    }
    const end = row.indexOf(separator, at);
    cells.push((cell + row.slice(at, end === -1 ? undefined : end)).trim());
    if (end === -1) return cells;
    at = end + separator.length;
  }
}

/** Microseconds and nanoseconds become milliseconds with decimals; dates written 2014.05.01 or 2014/05/01 become ISO 8601. */
function timeText(cell: string): string {
  if (/^\d{16}$/.test(cell) || /^\d{19}$/.test(cell)) return `${cell.slice(0, 13)}.${cell.slice(13)}`;
  return cell.replace(/^(\d{4})[./](\d\d)[./](\d\d)(?=[ T])/, '$1-$2-$3');
}
