import { REJECTED_STREAM, REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import { recordsOf } from '../../services/reconcile/log-pages.ts';

const PAGE = 2_000;

/** Ticks on `ticks.rejected`, by reason. */
export async function rejectedOnLog(log: RecordLog): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const { headers } of recordsOf(log, REJECTED_TOPIC)) countIn(counts, headers.get('reason'));
  return counts;
}

/** Ticks in the stream of rejected ticks, by reason. */
export async function rejectedOnStream(streams: EntryStream): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let from = '-'; ; ) {
    const page = await streams.range(REJECTED_STREAM, from, '+', PAGE);
    for (const { fields } of page) countIn(counts, fields.reason);
    if (page.length < PAGE) return counts;
    from = `(${page[page.length - 1]!.id}`;
  }
}

function countIn(counts: Record<string, number>, reason: Buffer | undefined): void {
  const name = reason?.toString() ?? 'unknown';
  counts[name] = (counts[name] ?? 0) + 1;
}
