import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Database } from '../ports/database.ts';
import { migrate } from './migrations.ts';

/** What enrichment knew right after an entry of a stream. */
export interface StoredState {
  /** Id of the entry. */
  readonly position: string;
  readonly state: string;
  /** False where entries before its own were trimmed away before its worker read them. */
  readonly whole: boolean;
}

/**
 * States of enrichment by stream and place, so that a worker can go on from any entry. A state follows from the entries before it and from
 * the options that `fingerprint` stands for: whoever writes a whole one writes the same.
 */
export interface EnrichmentStates {
  write(stream: string, fingerprint: string, state: StoredState): Promise<void>;
  /** The newest state, or whole state, of a place before the entry `id`, or null. */
  before(stream: string, fingerprint: string, id: string, which: 'whole' | 'any'): Promise<StoredState | null>;
  /** Of states that are not among the newest `keep`, keeps one for every 5 minutes of the last `ms`. */
  prune(stream: string, keep: number, ms: number): Promise<void>;
}

const parts = (id: string): [string, string] => {
  const [ms = '0', seq = '0'] = id.split('-');
  return [ms, seq];
};

// A state of a hundred symbols is megabytes of JSON, a twentieth of that in this form.
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Opens the store, its schema brought up to date. Rejects with `database.*`. */
export async function openEnrichmentStates(database: Database): Promise<EnrichmentStates> {
  await migrate(database);
  return {
    async write(stream, fingerprint, { position, state, whole }) {
      await database.query(
        `INSERT INTO enrichment_states AS s (stream, fingerprint, ms, seq, whole, state) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (stream, fingerprint, ms, seq) DO UPDATE SET whole = true, state = excluded.state
           WHERE excluded.whole AND NOT s.whole`,
        [stream, fingerprint, ...parts(position), whole, await compress(state)],
      );
    },
    async before(stream, fingerprint, id, which) {
      const [row] = await database.query<{ ms: string; seq: string; whole: boolean; state: Uint8Array }>(
        `SELECT ms, seq, whole, state FROM enrichment_states
         WHERE stream = $1 AND fingerprint = $2 AND (ms, seq) < ($3::bigint, $4::bigint) AND (whole OR $5)
         ORDER BY ms DESC, seq DESC LIMIT 1`,
        [stream, fingerprint, ...parts(id), which === 'any'],
      );
      if (row === undefined) return null;
      const state = (await decompress(row.state)).toString();
      return { position: `${row.ms}-${row.seq}`, state, whole: row.whole };
    },
    async prune(stream, keep, ms) {
      await database.query(
        `DELETE FROM enrichment_states s USING (
           SELECT fingerprint, ms, seq, written_at, row_number() OVER (ORDER BY ms DESC, seq DESC) AS place,
             row_number() OVER (PARTITION BY fingerprint, whole, floor(extract(epoch FROM written_at) / 300)
               ORDER BY ms DESC, seq DESC) AS within
           FROM enrichment_states WHERE stream = $1) AS r
         WHERE s.stream = $1 AND (s.fingerprint, s.ms, s.seq) = (r.fingerprint, r.ms, r.seq) AND r.place > $3
           AND (r.within > 1 OR r.written_at < now() - make_interval(secs => $2::float8 / 1000))`,
        [stream, ms, keep],
      );
    },
  };
}
