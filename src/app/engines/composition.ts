import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { KeyValue } from '../../ports/key-value.ts';
import type { Lease } from '../../ports/lease.ts';
import type { PubSub } from '../../ports/pub-sub.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import type { TradeStore } from '../../ports/trade-store.ts';
import { type EnginePolicy, specOf } from '../config/command-specs.ts';
import type { Config } from '../config/config.ts';
import { makeDataDir } from '../host/data-dir.ts';
import { once } from './once.ts';
import { kafkaOptions, redisOptions } from './options.ts';

/** An engine by URL, or one in this process. */
export type EngineKind = 'real' | 'embedded';

/** Where a service gets its engines. Each is opened when first asked for, once; an open that failed is tried anew at the next call. */
export interface Engines {
  /** What will be opened: `redis` stands for pub/sub, streams, keys, leases and trades. */
  readonly kind: Readonly<Record<'redis' | 'log' | 'database', EngineKind>>;
  /** Each rejects with a PulseError: `config.missing` names the variable to set. */
  log(): Promise<RecordLog>;
  pubSub(): Promise<PubSub>;
  streams(): Promise<EntryStream>;
  keys(): Promise<KeyValue>;
  /** On the server whose channels are mirrored. */
  lease(): Promise<Lease>;
  trades(): Promise<TradeStore>;
  database(): Promise<Database>;
  /** Lets go of what was opened. */
  close(): Promise<void>;
}

function enginePolicy({ command, values }: Config): EnginePolicy {
  const policy = specOf(command).engines;
  return policy === 'flag' ? values.engines : policy;
}

export interface EnginesNeeds {
  readonly config: Config;
  readonly clock: Clock;
  /** Aborts when the process is told to end. */
  readonly ending?: AbortSignal;
  /** Default: the configured data directory. */
  readonly dataDir?: string;
  /** Default: that of the command. */
  readonly policy?: EnginePolicy;
}

const LOG = 'log';
const STREAMS = 'streams';
const DATABASE = 'database';

export function engines({
  config,
  clock,
  ending,
  dataDir = config.values.dataDir,
  policy = enginePolicy(config),
}: EnginesNeeds): Engines {
  const kindOf = (isSet: boolean, folder: string): EngineKind => {
    if (policy === 'real' || policy === 'embedded') return policy;
    if (isSet) return 'real';
    return policy === 'where-set' || existsSync(join(dataDir, folder)) ? 'embedded' : 'real';
  };
  const kind = {
    redis: kindOf(config.isSet('redisUrl'), STREAMS),
    log: kindOf(config.isSet('kafkaBrokers'), LOG),
    database: kindOf(config.isSet('pgDsn'), DATABASE),
  };
  const opened: { close(): Promise<void> }[] = [];
  /** Opens once; remembers what must be closed. */
  const engine = <E extends { close(): Promise<void> }>(open: () => Promise<E>): (() => Promise<E>) =>
    once(async () => {
      const made = await open();
      opened.push(made);
      return made;
    });
  const folder = async (name: string): Promise<string> => {
    await makeDataDir(dataDir);
    return join(dataDir, name);
  };
  const redisKeysUrl = config.values.redisStreamsUrl ?? config.values.redisUrl;

  return {
    kind,
    log: engine(async () => {
      if (kind.log === 'embedded')
        return (await import('../../adapters/record-log/lmdb.ts')).lmdbRecordLog({ path: await folder(LOG), clock });
      return (await import('../../adapters/record-log/kafka.ts')).kafkaRecordLog(
        await kafkaOptions(config, clock, ending),
      );
    }),
    pubSub: engine(async () => {
      if (kind.redis === 'embedded') return (await import('../../adapters/pub-sub/memory.ts')).memoryPubSub();
      return (await import('../../adapters/pub-sub/redis.ts')).redisPubSub({
        ...(await redisOptions(config, config.values.redisUrl, clock)),
        waitingBytes: config.values.subscriberMemoryMb * 1024 * 1024,
      });
    }),
    streams: engine(async () => {
      if (kind.redis === 'embedded')
        return (await import('../../adapters/entry-stream/lmdb.ts')).lmdbEntryStream({
          path: await folder(STREAMS),
          clock,
        });
      return (await import('../../adapters/entry-stream/redis.ts')).redisEntryStream(
        await redisOptions(config, redisKeysUrl, clock),
      );
    }),
    keys: engine(async () => {
      if (kind.redis === 'embedded')
        return (await import('../../adapters/key-value/lmdb.ts')).lmdbKeyValue({ path: await folder('keys') });
      return (await import('../../adapters/key-value/redis.ts')).redisKeyValue(
        await redisOptions(config, redisKeysUrl, clock),
      );
    }),
    lease: engine(async () => {
      if (kind.redis === 'embedded')
        return (await import('../../adapters/lease/lmdb.ts')).lmdbLease({ path: await folder('leases'), clock });
      return (await import('../../adapters/lease/redis.ts')).redisLease(
        await redisOptions(config, config.values.redisUrl, clock),
      );
    }),
    trades: engine(async () => {
      if (kind.redis === 'embedded')
        return (await import('../../adapters/trade-store/lmdb.ts')).lmdbTradeStore({
          path: await folder('trades'),
          clock,
        });
      return (await import('../../adapters/trade-store/redis.ts')).redisTradeStore(
        await redisOptions(config, redisKeysUrl, clock),
      );
    }),
    database: engine(async () => {
      if (kind.database === 'embedded')
        return (await import('../../adapters/database/pglite.ts')).pgliteDatabase({
          path: await folder(DATABASE),
          clock,
        });
      const { pgDsn } = config.values;
      if (pgDsn === null)
        throw new PulseError('config.missing', {
          setting: 'PG_DSN',
          command: config.command,
          about: 'the Postgres that keeps what Pulse remembers',
        });
      return (await import('../../adapters/database/postgres.ts')).postgresDatabase({ dsn: pgDsn, clock });
    }),
    async close() {
      // In the reverse of the order in which they were opened: what came later may still write to what came first.
      for (const each of opened.splice(0).reverse()) await each.close();
    },
  };
}
