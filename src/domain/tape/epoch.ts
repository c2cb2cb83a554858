/**
 * Headers by which a record of `ticks.<SYMBOL>`, or one that a mirror wrote to `ticks.rejected`, says under which lease its mirror wrote it.
 * `domain/tape/epoch-filter.ts` has the rule that readers follow.
 */

/** Header: the epoch of the lease, as decimal text. Rises with each holder. */
export const EPOCH = 'epoch';
/** Header of an epoch's first record in each partition: JSON, for each partition the offset up to which (exclusive) the new holder knew it. */
export const FOLLOWS = 'follows';
/** Header of a dead letter that an operator sent to where it belongs. */
export const REPLAYED = 'replayed-from';

type Headers = ReadonlyMap<string, Buffer>;

/** What a mirror that holds the lease writes into a record; `follows` for an epoch's first record in a partition. */
export function epochHeaders(epoch: number, follows: ReadonlyMap<number, number> | null = null): [string, string][] {
  const headers: [string, string][] = [[EPOCH, String(epoch)]];
  if (follows !== null) headers.push([FOLLOWS, JSON.stringify(Object.fromEntries(follows))]);
  return headers;
}

/** The epoch of a record: 0 where none is written (as before there was a lease) or it cannot be read; null where an operator sent it, whom no lease binds. */
export function epochOf(headers: Headers): number | null {
  const written = headers.get(EPOCH);
  if (headers.has(REPLAYED)) return null;
  if (written === undefined || written.length === 0 || written.length > 15) return 0;
  let epoch = 0;
  for (const byte of written) {
    if (byte < 0x30 || byte > 0x39) return 0;
    epoch = epoch * 10 + byte - 0x30;
  }
  return epoch;
}

/**
 * Up to which offset (exclusive) of `partition` the writer of an epoch's first record knew what stands there. 0 for a partition that it
 * does not name: it was not there yet. Null where the record does not say.
 */
export function followsOf(headers: Headers, partition: number): number | null {
  const written = headers.get(FOLLOWS);
  if (written === undefined) return null;
  try {
    const known: unknown = JSON.parse(written.toString());
    if (typeof known !== 'object' || known === null || Array.isArray(known)) return null;
    const offset = (known as Record<string, unknown>)[partition] ?? 0;
    return Number.isSafeInteger(offset) ? Math.max(0, offset as number) : null;
  } catch {
    return null;
  }
}
