import type { Service } from '../../ports/service.ts';
import { Mirror } from '../../services/mirror/mirror.ts';
import { BATCH, closing, openTape, type PathNeeds } from './path-needs.ts';

/** Pub/sub to the record log. */
export async function makeMirror(needs: PathNeeds): Promise<Service> {
  const { engines, values, instance, clock, metrics } = needs;
  const journal = needs.journal('mirror');
  const { tape, spool } = await openTape(needs, { service: 'mirror', folder: 'mirror-spool', journal });
  const [log, lease] = await Promise.all([engines.log(), engines.lease()]);
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
