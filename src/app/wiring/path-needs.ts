import { join } from 'node:path';
import { lmdbSpool } from '../../adapters/spool/lmdb.ts';
import { PubSubTape } from '../../adapters/tick-tape/pub-sub.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Service } from '../../ports/service.ts';
import type { Spool } from '../../ports/spool.ts';
import type { TickTape } from '../../ports/tick-tape.ts';
import type { Values } from '../config/settings.ts';
import type { Engines } from '../engines/composition.ts';
import { makeDataDir } from '../host/data-dir.ts';
import type { Runtime } from '../host/runtime.ts';
import { tapeOptions } from './path-options.ts';

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

/** What the paths need, from a command's runtime. The instance is new with each call: a service that is made anew numbers anew. */
export function pathNeeds({ engines, config, clock, metrics, journals, instance, random }: Runtime): PathNeeds {
  const { values } = config;
  return {
    engines,
    values,
    dataDir: values.dataDir,
    instance: `${instance}-${random.id()}`,
    clock,
    metrics,
    journal: (service) => journals.of(service),
  };
}

/** Ticks in one append: enough that a round trip costs little, few enough that none waits long. */
export const BATCH = 5_000;

/** The tape of a service that subscribes to ticks; its spool has the name `folder`. Rejects with `spool.locked` before any engine is asked. */
export async function openTape(
  { engines, values, dataDir, instance, clock }: PathNeeds,
  { service, folder, journal }: { readonly service: string; readonly folder: string; readonly journal: Journal },
): Promise<{ readonly tape: TickTape; readonly spool: Spool; readonly streams: EntryStream }> {
  await makeDataDir(dataDir);
  const spool = lmdbSpool(join(dataDir, folder));
  const [pubsub, streams] = await Promise.all([engines.pubSub(), engines.streams()]);
  const onAnonymous = (id: string): void =>
    journal.event('warn', 'gap.unfillable', `the entry ${id} of the stream of ticks names no symbol`, { id });
  const tape = new PubSubTape(
    { pubsub, streams: values.backFill ? streams : null, spool, clock, onAnonymous },
    tapeOptions(values, service, instance),
  );
  return { tape, spool, streams };
}

/** The service, letting its spool go at its end. */
export function closing(service: Service, spool: Spool): Service {
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
