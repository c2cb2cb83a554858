import type { Database } from '../ports/database.ts';
import { migrate } from './migrations.ts';

/** What enrichment knew right after an entry of a stream. */
export interface StoredState {
  /** Id of the entry. */
  readonly position: string;
  readonly state: string;
}

/**
 * States of enrichment by stream and place, so that a worker can go on from any entry. A state follows from the entries before it and from
 * the options that `fingerprint` stands for: whoever writes it writes the same.
 */
export interface EnrichmentStates {
  write(stream: string, fingerprint: string, state: StoredState): Promise<void>;
  /** The newest state of a place before the entry `id`, or null. */
  before(stream: string, fingerprint: string, id: string): Promise<StoredState | null>;
  /** Forgets states that are older than `ms` and are not among the newest `keep`. */
  prune(stream: string, keep: number, ms: number): Promise<void>;
}

const parts = (id: string): [string, string] => {
  const [ms = '0', seq = '0'] = id.split('-');
  return [ms, seq];
};

/** Opens the store, its schema brought up to date. Rejects with `database.*`. */
export async function openEnrichmentStates(database: Database): Promise<EnrichmentStates> {
  await migrate(database);
  return {
    async write(stream, fingerprint, { position, state }) {
      await database.query(
        'INSERT INTO enrichment_states (stream, fingerprint, ms, seq, state) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
        [stream, fingerprint, ...parts(position), state],
      );
    },
    async before(stream, fingerprint, id) {
      const [row] = await database.query<{ ms: string; seq: string; state: string }>(
        `SELECT ms, seq, state FROM enrichment_states
         WHERE stream = $1 AND fingerprint = $2 AND (ms, seq) < ($3::bigint, $4::bigint) ORDER BY ms DESC, seq DESC LIMIT 1`,
        [stream, fingerprint, ...parts(id)],
      );
      return row === undefined ? null : { position: `${row.ms}-${row.seq}`, state: row.state };
    },
    async prune(stream, keep, ms) {
      await database.query(
        `DELETE FROM enrichment_states WHERE stream = $1 AND written_at < now() - make_interval(secs => $2::float8 / 1000)
           AND (ms, seq) NOT IN (SELECT ms, seq FROM enrichment_states WHERE stream = $1 ORDER BY ms DESC, seq DESC LIMIT $3)`,
        [stream, ms, keep],
      );
    },
  };
}
