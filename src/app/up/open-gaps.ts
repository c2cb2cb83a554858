import { GAPS_TOPIC, type GapRecord, parseGap } from '../../domain/gap/gap.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import { recordsOf } from '../../services/reconcile/log-pages.ts';

/** How many gaps of the mirror are open: by the newest record of each on its topic, whichever run wrote it. */
export async function openGapsOf(log: RecordLog): Promise<number> {
  const newest = new Map<string, GapRecord['status']>();
  for await (const { value } of recordsOf(log, GAPS_TOPIC)) {
    const gap = value === null ? null : parseGap(value);
    if (gap !== null) newest.set(gap.id, gap.status);
  }
  return [...newest.values()].filter((status) => status === 'open').length;
}
