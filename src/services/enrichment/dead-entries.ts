import { timeOfId } from '../../domain/enrichment/stream-enricher.ts';
import type { PulseError } from '../../domain/errors/errors.ts';
import type { Delivery, EntryFields, EntryStream } from '../../ports/entry-stream.ts';

/** An entry that cannot be enriched. */
export interface DeadEntry {
  readonly entry: Delivery;
  /** Code of the closed list of errors. */
  readonly reason: PulseError;
}

const PAGE = 1_000;

/** Where dead entries of a stream lie. */
export const deadStream = (stream: string): string => `${stream}:dlq`;

/** What is said about a dead entry, beside its own fields. */
const SAID = 'reason|message|source|service';
const CLASHES = new RegExp(`^(own:)*(${SAID})$`);
const SET_ASIDE = new RegExp(`^(own:)+(${SAID})$`);

/** The fields of an entry under names that leave room for what is said about it: `source` becomes `own:source`. */
const setAside = (fields: EntryFields): EntryFields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [CLASHES.test(name) ? `own:${name}` : name, value]));

/** The fields of a dead entry as they were before, without what is said about it. */
export const ownFields = (fields: EntryFields): EntryFields =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (SET_ASIDE.test(name)) return [[name.slice('own:'.length), value]];
      return CLASHES.test(name) ? [] : [[name, value]];
    }),
  );

/**
 * Puts entries into the dead-letter stream: their own fields, and why and where from. Each comes there once, however often it is delivered
 * and, with `retry`, though an earlier attempt may have put it there.
 */
export async function bury(
  streams: EntryStream,
  stream: string,
  dead: readonly DeadEntry[],
  retry = false,
): Promise<number> {
  const again = retry ? dead : dead.filter(({ entry }) => entry.deliveries > 1);
  const known = again.length === 0 ? new Set<string>() : await buried(streams, stream, again);
  const fresh = dead.filter(({ entry }) => !known.has(sourceOf(entry)));
  if (fresh.length === 0) return 0;
  await streams.append(
    fresh.map(({ entry, reason }) => ({
      stream: deadStream(stream),
      fields: {
        ...setAside(entry.fields),
        reason: reason.code,
        message: reason.message,
        source: sourceOf(entry),
        service: 'enrichment',
      },
    })),
  );
  return fresh.length;
}

const sourceOf = ({ stream, id }: Delivery): string => `${stream}@${id}`;

/** Which of these were buried already, by a worker that could not acknowledge them any more. */
async function buried(streams: EntryStream, stream: string, dead: readonly DeadEntry[]): Promise<Set<string>> {
  const found = new Set<string>();
  // Nothing can have been buried before it was appended.
  let from = `${Math.min(...dead.map(({ entry }) => timeOfId(entry.id)))}-0`;
  for (;;) {
    const page = await streams.range(deadStream(stream), from, '+', PAGE);
    for (const { fields } of page) if (fields.source !== undefined) found.add(fields.source.toString());
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return found;
    from = `(${last.id}`;
  }
}
