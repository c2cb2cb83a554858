import { join } from 'node:path';
import { lmdbSpool } from '../adapters/spool/lmdb.ts';
import { PubSubTape } from '../adapters/tick-tape/pub-sub.ts';
import { BAR_STREAMS } from '../domain/bar/bar-topics.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { KeyValue } from '../ports/key-value.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Service } from '../ports/service.ts';
import type { Spool } from '../ports/spool.ts';
import { CandidateBars } from '../services/bars/candidate.ts';
import { IncumbentBars } from '../services/bars/incumbent.ts';
import { Mirror } from '../services/mirror/mirror.ts';
import { readBarSource } from './bar-source.ts';
import type { Engines } from './composition.ts';
import type { Values } from './config/settings.ts';
import { consumerGroups } from './consumer-groups.ts';
import { makeDataDir } from './data-dir.ts';
import { buildOptions, tapeOptions } from './path-options.ts';

/** What the services of both paths are made of. */
export interface PathNeeds {
  readonly engines: Pick<Engines, 'log' | 'pubSub' | 'streams' | 'lease'>;
  readonly values: Values;
  /** Where spools are. */
  readonly dataDir: string;
  /** Name of this run; with a new one for each, so that no two runs number their ticks alike. */
  readonly instance: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: (service: string) => Journal;
}

/** Ticks in one append: enough that a round trip costs little, few enough that none waits long. */
const BATCH = 5_000;

/** Pub/sub to the record log. */
export async function makeMirror(needs: PathNeeds): Promise<Service> {
  const { engines, values, instance, clock, metrics } = needs;
  const spool = await openSpool(needs, 'mirror-spool');
  const [pubsub, log, streams, lease] = await Promise.all([
    engines.pubSub(),
    engines.log(),
    engines.streams(),
    engines.lease(),
  ]);
  const journal = needs.journal('mirror');
  const tape = new PubSubTape(
    { pubsub, streams: values.backFill ? streams : null, spool, clock, onAnonymous: tellAnonymous(journal) },
    tapeOptions(values, 'mirror', instance),
  );
  const service = new Mirror(
    { tape, log, lease, spool, clock, metrics, journal },
    {
      instance,
      pattern: values.ticksPattern,
      batch: BATCH,
      partitions: values.topicPartitions,
      retentionMs: values.topicRetention,
      leaseName: values.leaseName ?? values.ticksPattern,
      leaseTtlMs: values.leaseTtl,
    },
  );
  return closing(service, spool);
}

/** The record log to bars. */
export async function makeCandidate({ engines, values, clock, metrics, journal }: PathNeeds): Promise<Service> {
  return new CandidateBars(
    { log: await engines.log(), clock, metrics, journal: journal('bars-candidate') },
    { ...buildOptions(values), group: consumerGroups.bars, lagLimit: values.lagLimit },
  );
}

/** Pub/sub to bars; `prefix` names the streams they go to. `keys` tell whether readers were switched away from them. */
export async function makeIncumbent(
  needs: PathNeeds,
  prefix: string = BAR_STREAMS,
  keys?: () => Promise<KeyValue>,
): Promise<Service> {
  const { engines, values, instance, clock, metrics } = needs;
  const spool = await openSpool(needs, `bars-spool-${prefix.replaceAll(':', '-')}`);
  const [pubsub, streams] = await Promise.all([engines.pubSub(), engines.streams()]);
  const journal = needs.journal('bars-incumbent');
  const tape = new PubSubTape(
    { pubsub, streams: values.backFill ? streams : null, spool, clock, onAnonymous: tellAnonymous(journal) },
    tapeOptions(values, 'bars', instance),
  );
  const service = new IncumbentBars(
    { tape, streams, clock, metrics, journal, ...(keys && { supersededBy: supersededBy(keys, values) }) },
    { ...buildOptions(values), instance, streams: prefix, keepBars: values.barStreamLength, batch: BATCH },
  );
  return closing(service, spool);
}

/** The side that readers of bars use, where that is not the incumbent's. */
const supersededBy = (keys: () => Promise<KeyValue>, values: Values) => async (): Promise<string | null> => {
  const { source } = await readBarSource(await keys(), values.barSource);
  return source === 'redis' ? null : source;
};

const tellAnonymous =
  (journal: Journal) =>
  (id: string): void =>
    journal.event('warn', 'gap.unfillable', `the entry ${id} of the stream of ticks names no symbol`, { id });

async function openSpool({ dataDir }: PathNeeds, name: string): Promise<Spool> {
  await makeDataDir(dataDir);
  return lmdbSpool(join(dataDir, name));
}

/** The service, letting its spool go at its end. */
function closing(service: Service, spool: Spool): Service {
  return {
    name: service.name,
    async run(signal) {
      try {
        await service.run(signal);
      } finally {
        await spool.close();
      }
    },
    readiness: () => service.readiness(),
    figures: () => service.figures(),
  };
}
