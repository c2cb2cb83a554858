import { BAR_STREAMS } from '../../domain/bar/bar-topics.ts';
import type { KeyValue } from '../../ports/key-value.ts';
import type { Service } from '../../ports/service.ts';
import { CandidateBars } from '../../services/bars/candidate.ts';
import { IncumbentBars } from '../../services/bars/incumbent.ts';
import { readBarSource } from '../../services/reconcile/bar-source.ts';
import type { Values } from '../config/settings.ts';
import { consumerGroups } from '../engines/consumer-groups.ts';
import { BATCH, closing, openTape, type PathNeeds } from './path-needs.ts';
import { buildOptions } from './path-options.ts';

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
  const { values, instance, clock, metrics } = needs;
  const journal = needs.journal('bars-incumbent');
  const folder = `bars-spool-${prefix.replaceAll(':', '-')}`;
  const { tape, spool, streams } = await openTape(needs, { service: 'bars', folder, journal });
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
