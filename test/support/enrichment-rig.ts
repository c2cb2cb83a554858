import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { postgresDatabase } from '../../src/adapters/database/postgres.ts';
import { openTickFile } from '../../src/adapters/tick-file/tick-file.ts';
import type { Database } from '../../src/ports/database.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { ServiceProcess } from './service-process.ts';

export const clock = systemClock();
export const STREAM = 'v2:ticks:l1';

/** An entry of a stream: its fields as names and values in turn. */
export type Fields = readonly (string | Buffer)[];

/** The ticks of a recorded file as entries, the first `count` of them. */
export async function entriesOf(path: string, count = Number.POSITIVE_INFINITY): Promise<Fields[]> {
  const entries: Fields[] = [];
  for await (const batch of (await openTickFile(path)).batches(new AbortController().signal))
    for (const { symbol, payload } of batch) if (entries.length < count) entries.push(['j', payload, 'symbol', symbol]);
  return entries;
}

/** Redis and Postgres of its own, with workers of enrichment as processes. */
export class EnrichmentRig {
  readonly redis: RedisServer;
  readonly postgres: PostgresServer;
  readonly folder: string;
  readonly #processes: ServiceProcess[] = [];
  readonly #databases: Database[] = [];

  private constructor(redis: RedisServer, postgres: PostgresServer, folder: string) {
    this.redis = redis;
    this.postgres = postgres;
    this.folder = folder;
  }

  static async start(): Promise<EnrichmentRig> {
    const folder = await mkdtemp(join(tmpdir(), 'pulse-enrichment-'));
    const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    return new EnrichmentRig(redis, postgres, folder);
  }

  /** The URL of one of the server's numbered databases: streams of their own. */
  redisUrl(db: number): string {
    return this.redis.url.replace(/\/\d+$/, `/${db}`);
  }

  /** A database of that name on the server, made where it is missing. */
  async database(name: string): Promise<Database> {
    const admin = await postgresDatabase({ dsn: this.postgres.dsn, clock });
    const [known] = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (known === undefined) await admin.script(`CREATE DATABASE ${name}`);
    await admin.close();
    const database = await postgresDatabase({ dsn: this.dsn(name), clock });
    this.#databases.push(database);
    return database;
  }

  dsn(name: string): string {
    return this.postgres.dsn.replace(/\/postgres$/, `/${name}`);
  }

  /** Appends entries under ids that rise by one, so that two streams of the same entries are the same. */
  async load(db: number, entries: readonly Fields[], firstMs = 1_700_000_000_000): Promise<void> {
    const client = await createClient({ url: this.redisUrl(db) }).connect();
    for (let from = 0; from < entries.length; from += 5_000) {
      const multi = client.multi();
      entries
        .slice(from, from + 5_000)
        .forEach((fields, i) => multi.addCommand(['XADD', STREAM, `${firstMs + from + i}-0`, ...fields] as string[]));
      await multi.execAsPipeline();
    }
    client.destroy();
  }

  worker(name: string, db: number, database: string, env: Readonly<Record<string, string>> = {}): ServiceProcess {
    const made = new ServiceProcess(['enrichment'], {
      REDIS_URL: this.redisUrl(db),
      PG_DSN: this.dsn(database),
      // Nobody listens there: analyses wait in the database.
      KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
      PULSE_DATA_DIR: join(this.folder, name),
      PULSE_INSTANCE: name,
      CONSUMER: name,
      ...env,
    });
    this.#processes.push(made);
    return made;
  }

  /** How many entries the group was not given yet, and how many it did not acknowledge. */
  async left(db: number): Promise<{ waiting: number; pending: number }> {
    const client = await createClient({ url: this.redisUrl(db) }).connect();
    try {
      const [group] = (await client.xInfoGroups(STREAM).catch(() => [])) as { lag?: number | null; pending: number }[];
      return { waiting: Number(group?.lag ?? Number.NaN), pending: Number(group?.pending ?? Number.NaN) };
    } finally {
      client.destroy();
    }
  }

  async until(what: string, condition: () => Promise<boolean>, limitMs = 600_000): Promise<void> {
    const begun = clock.monotonic();
    while (!(await condition())) {
      if (clock.monotonic() - begun > limitMs)
        throw new Error(`waited in vain until ${what}\n${this.#processes.map((each) => each.printed).join('\n---\n')}`);
      await clock.sleep(250);
    }
  }

  /** Resolves when the group has acknowledged every entry. */
  enriched(db: number): Promise<void> {
    return this.until('every entry is acknowledged', async () => {
      const { waiting, pending } = await this.left(db);
      return waiting === 0 && pending === 0;
    });
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.end('SIGKILL')));
    await Promise.all(this.#databases.map((database) => database.close()));
    await this.postgres.dispose();
    await this.redis.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What the tables hold, in few figures that no difference in any column leaves as they are. */
export async function contentsOf(database: Database) {
  const [rows] = await database.query<{ rows: string; entries: string; hash: string }>(
    `SELECT count(*) AS rows, count(DISTINCT entry_id) AS entries,
       sum(hashtextextended(ticks_enriched::text, 0)::numeric)::text AS hash FROM ticks_enriched`,
  );
  const [analyses] = await database.query<{ analyses: string; hash: string }>(
    `SELECT count(*) AS analyses, sum(hashtextextended(concat(symbol, timeframe, ts, settled, payload::text), 0)::numeric)::text AS hash
     FROM analyses WHERE settled`,
  );
  return { rows: rows!, analyses: analyses! };
}
