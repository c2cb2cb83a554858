import type { Record } from './evidence.ts';

/**
 * The records of a topic that count, where mirrors took over from one another. Each holder's records carry a rising epoch, and the first of
 * an epoch says up to where its holder knew the partition (`follows`). So:
 *
 * 1. a record of an older epoch after one of a newer counts for nothing;
 * 2. of the records that counted between what a holder knew and its own first one, its own repeat each once: the repeats count for nothing.
 */
export function countedRecords(records: readonly Record[]): Record[] {
  return [...Map.groupBy(records, ({ partition }) => partition).values()].flatMap((own) => countedOf(own));
}

/** Of the records that count, those that stand before the first of a newer epoch, whose holder did not know them. */
export function unknownRecords(records: readonly Record[]): ReadonlySet<Record> {
  const unknown = new Set<Record>();
  for (const own of Map.groupBy(records, ({ partition }) => partition).values())
    countedOf(own, (record) => unknown.add(record));
  return unknown;
}

function countedOf(records: readonly Record[], onUnknown: (record: Record) => void = () => undefined): Record[] {
  const counted: Record[] = [];
  let newest = -1;
  let repeats: string[] = [];
  for (const record of records) {
    const epoch = Number(record.headers.get('epoch') ?? 0);
    if (epoch < newest) continue;
    if (epoch > newest) {
      newest = epoch;
      const follows = record.headers.get('follows');
      const known = follows === undefined ? record.offset : (JSON.parse(follows)[record.partition] ?? 0);
      const unknown = counted.filter(({ offset }) => offset >= known);
      for (const record of unknown) onUnknown(record);
      repeats = unknown.map(({ value }) => value);
    }
    const again = repeats.indexOf(record.value);
    if (again === -1) counted.push(record);
    else repeats.splice(again, 1);
  }
  return counted;
}
