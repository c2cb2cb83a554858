import type { Database } from '../ports/database.ts';

const DAY = 86_400_000;
/** Days that get their partition before their first row. */
const AHEAD = 2;

/** The partitions of a table that is cut by days, UTC. */
export interface DayPartitions {
  /** Makes the partitions of these instants (epoch milliseconds) where they are missing, each in a transaction of its own. */
  ensure(instants: Iterable<number>): Promise<void>;
  /** Looks anew which there are: another process dropped one. */
  forget(): void;
  /** Makes those of today and the next days. `now` in epoch milliseconds. */
  ensureAhead(now: number): Promise<void>;
  /**
   * Drops the partitions of days that ended more than `days` before `now`, of which none was made in that time either: what was loaded from
   * an archive stays as long as what came live. Resolves with the days that went.
   */
  dropOlder(days: number, now: number): Promise<string[]>;
  /** The days that have a partition, in order. */
  days(): Promise<string[]>;
}

const dayOf = (instant: number): number => Math.floor(instant / DAY) * DAY;
const nameOf = (day: number): string => new Date(day).toISOString().slice(0, 10);

export function dayPartitions(database: Database, table: string): DayPartitions {
  const known = new Set<number>();
  const partition = (day: string): string => `${table}_${day.replaceAll('-', '')}`;

  async function make(day: number): Promise<void> {
    const name = nameOf(day);
    await database.transaction(async (query) => {
      // Two workers that meet the first tick of a day at once: one makes it, the other finds it.
      await query('SELECT pg_advisory_xact_lock(hashtext($1))', [partition(name)]);
      await query(
        // sql-ok: names and bounds of a table take no parameters; these are ours and a date
        `CREATE TABLE IF NOT EXISTS ${partition(name)} PARTITION OF ${table} FOR VALUES FROM ('${name}T00:00:00Z') TO ('${nameOf(day + DAY)}T00:00:00Z')`,
      );
      await query('INSERT INTO day_partitions (parent, day) VALUES ($1, $2) ON CONFLICT DO NOTHING', [table, name]);
    });
    known.add(day);
  }

  const ensure = async (instants: Iterable<number>): Promise<void> => {
    const missing = new Set<number>();
    for (const instant of instants) {
      const day = dayOf(instant);
      if (!known.has(day)) missing.add(day);
    }
    for (const day of [...missing].sort((a, b) => a - b)) await make(day);
  };

  return {
    ensure,
    forget: () => known.clear(),
    ensureAhead: (now) => ensure(Array.from({ length: AHEAD + 1 }, (_, n) => now + n * DAY)),
    async dropOlder(days, now) {
      const limit = dayOf(now) - days * DAY;
      const due = await database.query<{ day: string }>(
        'SELECT day::text FROM day_partitions WHERE parent = $1 AND day < $2 AND made_at < to_timestamp($3::float8 / 1000) ORDER BY day',
        [table, nameOf(limit), now - days * DAY],
      );
      for (const { day } of due) {
        await database.transaction(async (query) => {
          // sql-ok: a name takes no parameter; this one is ours and a date
          await query(`DROP TABLE IF EXISTS ${partition(day)}`);
          await query('DELETE FROM day_partitions WHERE parent = $1 AND day = $2', [table, day]);
        });
        known.delete(Date.parse(day));
      }
      return due.map(({ day }) => day);
    },
    days: async () =>
      (
        await database.query<{ day: string }>('SELECT day::text FROM day_partitions WHERE parent = $1 ORDER BY day', [
          table,
        ])
      ).map(({ day }) => day),
  };
}
