import { createHash } from 'node:crypto';
import type { EnrichmentOptions } from '../../domain/enrichment/symbol-enricher.ts';
import type { Service } from '../../ports/service.ts';
import { Enrichment } from '../../services/enrichment/enrichment.ts';
import { openAnalyses } from '../../stores/analyses.ts';
import { openEnrichedTicks } from '../../stores/enriched-ticks.ts';
import { openEnrichmentStates } from '../../stores/enrichment-states.ts';
import { specOf } from '../config/command-specs.ts';
import { calendarsOf, instrumentsOf } from '../config/instruments.ts';
import type { Values } from '../config/settings.ts';
import { consumerGroups } from '../engines/consumer-groups.ts';
import type { Runtime } from '../host/runtime.ts';
import { readIndicators } from './indicators-file.ts';
import { buildOptions } from './path-options.ts';

/** What enrichment needs of a command's runtime. */
export interface EnrichmentRuntime extends Pick<Runtime, 'clock' | 'metrics' | 'instance'> {
  readonly config: Pick<Runtime['config'], 'values' | 'command'>;
  readonly engines: Pick<Runtime['engines'], 'database' | 'kind' | 'streams' | 'log'>;
  readonly journals: Pick<Runtime['journals'], 'of'>;
}

/** The embedded database shares this process with everything else, and nobody waits for its rows by the millisecond. */
const EMBEDDED_LINGER_MS = 1_000;

/** Changes with every change of what enrichment computes: states of an earlier form are of no use. */
const FORM = 3;

/** How ticks are enriched, by configuration. Rejects with `indicators.file`. */
export async function enrichmentOptions(values: Values): Promise<EnrichmentOptions> {
  const { bars, nonPositive } = buildOptions(values);
  const instruments = instrumentsOf(values);
  return {
    // What closed by the time of its ticks stays as it is: an analysis must not wait minutes for a tick that hardly ever comes.
    bars: { ...bars, correctionWindowMs: 0, timestampOn: 'open', skipFirstPartial: false, composites: longer(values) },
    nonPositive,
    indicators: await readIndicators(values.indicatorsFile),
    timeframes: values.analysisTimeframes,
    calendarOf: calendarsOf(values),
    priceIncrementOf: (symbol) => instruments(symbol).priceIncrement,
  };
}

const longer = ({ analysisTimeframes }: Values) => analysisTimeframes.filter((tf) => tf !== '1m');

/** What every computed value depends on beside the entries. */
const fingerprint = (
  { bars, indicators, timeframes }: EnrichmentOptions,
  { calendars, nonPositivePrices, instruments }: Values,
): string =>
  createHash('sha256')
    .update(
      JSON.stringify([FORM, bars, indicators, timeframes, [...(calendars ?? [])], nonPositivePrices, instruments]),
    )
    .digest('hex')
    .slice(0, 16);

const tickStreamOf = ({ tickStream, streamVersionPrefix }: Values): string =>
  tickStream ?? `${streamVersionPrefix}:ticks:l1`;

/** Redis Streams to the database, and analyses to the record log. */
export async function makeEnrichment({
  config,
  engines,
  clock,
  metrics,
  journals,
  instance,
}: EnrichmentRuntime): Promise<Service> {
  const { values } = config;
  const options = await enrichmentOptions(values);
  const [database, streams, log] = [await engines.database(), await engines.streams(), await engines.log()];
  return new Enrichment(
    {
      streams,
      log,
      database,
      rows: await openEnrichedTicks(database),
      analyses: await openAnalyses(database),
      states: await openEnrichmentStates(database),
      clock,
      metrics,
      journal: journals.of('enrichment'),
    },
    {
      ...options,
      fingerprint: fingerprint(options, values),
      stream: tickStreamOf(values),
      history: values.enrichHistory,
      group: consumerGroups.enrichment,
      // One that has the data directory alone takes up its own entries whenever it comes back.
      consumer: values.consumer ?? (specOf(config.command).alone ? config.command : instance),
      batch: values.enrichBatch,
      lingerMs: engines.kind.database === 'embedded' ? EMBEDDED_LINGER_MS : 0,
      claimMinIdleMs: values.claimMinIdleMs,
      retentionDays: values.retentionDays,
      topic: values.analysisTopic,
      lagLimitSeconds: values.lagLimitSeconds,
    },
  );
}
