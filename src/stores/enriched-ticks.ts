import type { EnrichedTick } from '../domain/enrichment/enriched-tick.ts';
import type { Database, Query } from '../ports/database.ts';
import { type DayPartitions, dayPartitions } from './day-partitions.ts';
import { migrate } from './migrations.ts';

/** A row as readers get it. */
export interface EnrichedRow {
  readonly stream: string;
  readonly entryId: string;
  readonly symbol: string;
  /** Epoch milliseconds. */
  readonly ts: number;
  readonly price: number;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly volume: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Enriched ticks, one row for each entry of a stream, in partitions of a day (UTC) of the tick's time. */
export interface EnrichedTicks {
  readonly partitions: DayPartitions;
  /** Writes rows, in the given transaction; those that are there already stay as they are. Resolves with how many were new. */
  insert(query: Query, rows: readonly EnrichedTick[]): Promise<number>;
  /** The newest `limit` rows of a symbol, newest first. */
  newest(symbol: string, limit: number): Promise<EnrichedRow[]>;
}

// What all ticks of a minute share comes once and is put in by its number: parsing JSON is most of what the server does here. The readings
// come as lines of one text: an array of texts would have every quote escaped, which costs the client more than all else.
const INSERT = `
  WITH written AS (
    INSERT INTO ticks_enriched (stream, entry_id, symbol, ts, price, bid, ask, volume, payload)
    SELECT t.stream, t.entry, t.symbol, to_timestamp(t.ts / 1000), t.price, t.bid, t.ask, t.volume,
      t.readings::jsonb || ($10::jsonb[])[t.shared]
    FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::numeric[],
      string_to_array($9, E'\\n'), $11::int4[]) AS t(stream, entry, symbol, ts, price, bid, ask, volume, readings, shared)
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::int4 AS n FROM written`;

/** Opens the store, its schema brought up to date. Rejects with `database.*`. */
export async function openEnrichedTicks(database: Database): Promise<EnrichedTicks> {
  await migrate(database);
  const partitions = dayPartitions(database, 'ticks_enriched');
  return {
    partitions,
    async insert(query, rows) {
      if (rows.length === 0) return 0;
      const [written] = await query<{ n: number }>(INSERT, columnsOf(rows));
      return written!.n;
    },
    async newest(symbol, limit) {
      const found = await database.query<Omit<EnrichedRow, 'entryId' | 'ts'> & { entry_id: string; ts: Date }>(
        `SELECT stream, entry_id, symbol, ts, price, bid, ask, volume, payload FROM ticks_enriched
         WHERE symbol = $1 ORDER BY ts DESC LIMIT $2`,
        [symbol, limit],
      );
      return found.map(({ entry_id, ts, ...row }) => ({ ...row, entryId: entry_id, ts: ts.getTime() }));
    },
  };
}

/** The rows as parameters, by column. The texts of arrays that hold nothing in need of an escape are made here, which is much quicker. */
function columnsOf(rows: readonly EnrichedTick[]): unknown[] {
  const shared = new Map<string, number>();
  const places = rows.map(({ indicators }) => {
    const place = shared.get(indicators) ?? shared.size + 1;
    shared.set(indicators, place);
    return place;
  });
  const plain = (value: (row: EnrichedTick) => string | number | null): string =>
    `{${rows.map((row) => value(row) ?? 'NULL').join(',')}}`;
  return [
    rows.map(({ stream }) => stream),
    plain(({ entryId }) => entryId),
    // Quoted: a symbol may be called NULL.
    plain(({ symbol }) => `"${symbol}"`),
    plain(({ ts }) => ts),
    plain(({ price }) => price),
    plain(({ bid }) => bid),
    plain(({ ask }) => ask),
    plain(({ volume }) => volume),
    rows.map(({ readings }) => readings).join('\n'),
    [...shared.keys()].map((indicators) => `{"indicators":${indicators}}`),
    `{${places.join(',')}}`,
  ];
}
