import { PulseError } from '../../domain/errors/errors.ts';
import { REJECTED_STREAM } from '../../domain/tape/rejected.ts';
import type { Entry, EntryStream, GroupReader } from '../../ports/entry-stream.ts';
import type { PubSub } from '../../ports/pub-sub.ts';
import { ownFields } from '../../services/enrichment/dead-entries.ts';
import { type DeadLetter, type DeadLetterPlace, REPLAY_GROUP } from './dead-letter.ts';

const SUFFIX = ':dlq';
const PAGE = 1_000;

export interface StreamLettersNeeds {
  readonly streams: EntryStream;
  /** Where rejected ticks are published again. */
  readonly pubSub: () => Promise<PubSub>;
}

/** Dead letters of a stream: `<stream>:dlq` or `stream:ticks:rejected`. */
export function streamLetters({ streams, pubSub }: StreamLettersNeeds, stream: string): DeadLetterPlace {
  const reader: GroupReader = { stream, group: REPLAY_GROUP, consumer: REPLAY_GROUP };

  /** Entries that went back; the others have no place to go. */
  async function send(entries: readonly Entry[], target: string | null): Promise<readonly Entry[]> {
    if (stream === REJECTED_STREAM) {
      const ticks = entries.flatMap((entry) => {
        const channel = target ?? text(entry, 'source');
        return channel === '' ? [] : [{ entry, message: { channel, payload: payloadOf(entry) } }];
      });
      if (ticks.length > 0) await (await pubSub()).publish(ticks.map(({ message }) => message));
      return ticks.map(({ entry }) => entry);
    }
    const origin = target ?? stream.slice(0, -SUFFIX.length);
    await streams.append(
      entries.map(({ fields }) => ({
        stream: origin,
        fields: ownFields(fields),
      })),
    );
    return entries;
  }

  async function at(id: string): Promise<Entry | null> {
    if (!/^\d+-\d+$/.test(id)) return null;
    return (await streams.range(stream, id, id, 1))[0] ?? null;
  }

  return {
    name: stream,
    kind: 'stream',
    async count() {
      let total = 0;
      for (let from = '-'; ; ) {
        const page = await streams.range(stream, from, '+', PAGE);
        total += page.length;
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) return total;
        from = `(${last.id}`;
      }
    },
    async newest(limit) {
      return (await streams.newest(stream, limit)).map(letterOf).reverse();
    },
    async find(id) {
      const entry = await at(id);
      return entry === null ? null : letterOf(entry);
    },
    async replay(limit, target, signal) {
      const stuck: DeadLetter[] = [];
      let replayed = 0;
      for (let left = limit; left > 0 && !signal.aborted; left = limit - replayed - stuck.length) {
        // First what an earlier replay took and did not finish.
        let { entries } = await streams.claim(reader, 0, Math.min(PAGE, left));
        if (entries.length === 0) ({ entries } = await streams.readGroup(reader, Math.min(PAGE, left), 1, signal));
        if (entries.length === 0) break;
        const sent = await send(entries, target);
        replayed += sent.length;
        stuck.push(...entries.filter((entry) => !sent.includes(entry)).map(letterOf));
        await streams.ack(
          stream,
          REPLAY_GROUP,
          entries.map(({ id }) => id),
        );
      }
      return { replayed, stuck };
    },
    async replayOne(letter, target) {
      const entry = await at(letter.id);
      if (entry === null) throw new PulseError('dlq.letter.unknown', { place: stream, id: letter.id });
      const [sent] = await send([entry], target);
      if (sent === undefined)
        throw new PulseError('dlq.no-origin', { place: stream, id: letter.id, source: letter.source });
    },
  };
}

const text = ({ fields }: Entry, name: string): string => fields[name]?.toString() ?? '';

/** The field `j` where there is one, as in every stream of ticks; else all fields as JSON. */
function payloadOf({ fields }: Entry): Buffer {
  const plain = Object.entries(ownFields(fields));
  return (
    fields.j ?? Buffer.from(JSON.stringify(Object.fromEntries(plain.map(([name, value]) => [name, value.toString()]))))
  );
}

function letterOf(entry: Entry): DeadLetter {
  return {
    id: entry.id,
    at: Number(entry.id.split('-')[0]),
    reason: text(entry, 'reason'),
    message: text(entry, 'message'),
    source: text(entry, 'source'),
    payload: payloadOf(entry),
  };
}
