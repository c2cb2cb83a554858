import type { KafkaRecord } from './kafka-reader.ts';

/** What a reader that follows the epoch keeps of one partition, and what it leaves out. */
export interface Followed {
  readonly kept: readonly KafkaRecord[];
  /** Written by a former holder after a newer one had begun. */
  readonly late: number;
  /** Sent once more by a new holder that did not know they were there. */
  readonly repeated: number;
}

const epochOf = ({ headers }: KafkaRecord): number => Number(headers.epoch ?? '0');

/**
 * Two rules, from the log alone. A record of an older epoch after one of a newer epoch is left out. And where records of older
 * epochs stand between the offset up to which a new holder knew the partition (`follows`) and its first record, it sends those
 * payloads again, in their order, as its first ones: these repeats are left out.
 */
export function followEpoch(records: readonly KafkaRecord[]): Followed {
  const kept: KafkaRecord[] = [];
  let epoch = 0;
  let expected: (string | null)[] = [];
  let late = 0;
  let repeated = 0;
  for (const record of records) {
    const own = epochOf(record);
    if (own < epoch) {
      late += 1;
      continue;
    }
    if (own > epoch) {
      epoch = own;
      const { follows } = record.headers;
      // A partition that is not named was not there yet.
      const known =
        follows === undefined ? null : ((JSON.parse(follows) as Record<string, number>)[record.partition] ?? 0);
      expected = known === null ? [] : kept.filter(({ offset }) => offset >= known).map(({ value }) => value);
    }
    // In order; what the new holder has not received itself it does not repeat.
    const at = expected.length === 0 ? -1 : expected.indexOf(record.value);
    if (at >= 0) {
      expected = expected.slice(at + 1);
      repeated += 1;
      continue;
    }
    kept.push(record);
  }
  return { kept, late, repeated };
}
