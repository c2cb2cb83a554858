import type { Clock } from '../../ports/clock.ts';
import type { Delivery, Entry, EntryStream, GroupBatch, GroupReader } from '../../ports/entry-stream.ts';
import { Arrivals } from '../arrivals.ts';
import { GiveWay } from '../give-way.ts';
import { globExpression } from '../glob.ts';
import { openLmdbFolder } from '../lmdb-folder.ts';
import { decodeFields, type EntryId, encodeFields, idText, rangeBound } from './entry-codec.ts';

/** What is known of a stream without reading it. */
interface StreamState {
  readonly last: EntryId;
  readonly length: number;
  /** The newest entry that was trimmed away. */
  readonly trimmed?: EntryId;
}

/** An entry that a group was given and did not acknowledge. */
interface Pending {
  readonly consumer: string;
  readonly deliveredAt: number;
  readonly deliveries: number;
}

/** Streams in an LMDB folder at `path`: durable when `append` resolves. Several processes may have it open. */
export function lmdbEntryStream({ path, clock }: { path: string; clock: Clock }): EntryStream {
  const { root, checkOpen, change, close } = openLmdbFolder(path);
  const entries = root.openDB<Buffer, [string, number, number]>({ name: 'entries', encoding: 'binary' });
  const states = root.openDB<StreamState, string>({ name: 'streams', encoding: 'json' });
  const groups = root.openDB<EntryId, [string, string]>({ name: 'groups', encoding: 'json' });
  const arrivals = new Arrivals();
  const giveWay = new GiveWay();
  const pending = root.openDB<Pending, [string, string, number, number]>({ name: 'pending', encoding: 'json' });
  function entryAt(stream: string, [ms, seq]: EntryId): Entry | null {
    const value = entries.get([stream, ms, seq]);
    return value === undefined ? null : { stream, id: idText([ms, seq]), fields: decodeFields(value) };
  }

  function trim(stream: string, state: StreamState, maxLen: number): StreamState {
    const excess = state.length - maxLen;
    if (excess <= 0) return state;
    const keys = [
      ...entries.getKeys({ start: [stream, 0, 0], end: [stream, Number.POSITIVE_INFINITY, 0], limit: excess }),
    ];
    for (const key of keys) entries.removeSync(key);
    const newest = keys.at(-1);
    return {
      ...state,
      length: state.length - keys.length,
      ...(newest !== undefined && { trimmed: [newest[1], newest[2]] as const }),
    };
  }

  /** Marks an entry as given to a consumer. */
  function deliver(
    { stream, group, consumer }: GroupReader,
    entry: Entry,
    id: EntryId,
    before: Pending | undefined,
  ): Delivery {
    const deliveries = (before?.deliveries ?? 0) + 1;
    pending.putSync([stream, group, ...id], { consumer, deliveredAt: clock.now(), deliveries });
    return { ...entry, deliveries };
  }

  function readNew(reader: GroupReader, count: number): GroupBatch {
    const { stream, group, startAfter = '0-0' } = reader;
    const last = groups.get([stream, group]) ?? rangeBound(startAfter, 'from');
    const found: Delivery[] = [];
    let reached: EntryId = last;
    const from: [string, number, number] = [stream, last[0], last[1] + 1];
    for (const { key, value } of entries.getRange({
      start: from,
      end: [stream, Number.POSITIVE_INFINITY, 0],
      limit: count,
    })) {
      reached = [key[1], key[2]];
      found.push(deliver(reader, { stream, id: idText(reached), fields: decodeFields(value) }, reached, undefined));
    }
    groups.putSync([stream, group], reached);
    const trimmed = states.get(stream)?.trimmed;
    return {
      entries: found,
      after: idText(last),
      skipped: found.length > 0 && trimmed !== undefined && after(trimmed, last),
      trimmed: [],
    };
  }

  return {
    append: async (batch) => {
      const appended = await change(() => {
        const known = new Map<string, StreamState>();
        const now = clock.now();
        const ids = batch.map(({ stream, fields, maxLen }) => {
          const state = known.get(stream) ?? states.get(stream) ?? { last: [0, 0] as EntryId, length: 0 };
          const last: EntryId = now > state.last[0] ? [now, 0] : [state.last[0], state.last[1] + 1];
          entries.putSync([stream, ...last], encodeFields(fields));
          const grown = { ...state, last, length: state.length + 1 };
          // Trimming a little beyond the limit at once is cheaper than one by one.
          const due = maxLen !== undefined && (maxLen === 1 || grown.length > maxLen * 1.01 + 100);
          known.set(stream, due ? trim(stream, grown, maxLen) : grown);
          return idText(last);
        });
        for (const [stream, state] of known) states.putSync(stream, state);
        return ids;
      });
      arrivals.announce();
      return appended;
    },
    async range(stream, from, to, count) {
      checkOpen();
      const [start, end] = [rangeBound(from, 'from'), rangeBound(to, 'to')];
      const found: Entry[] = [];
      for (const { key, value } of entries.getRange({
        start: [stream, ...start],
        end: [stream, end[0], end[1] + 1],
        limit: count,
      }))
        found.push({ stream, id: idText([key[1], key[2]]), fields: decodeFields(value) });
      await giveWay.after(found.length);
      return found;
    },
    async newest(stream, count, before) {
      checkOpen();
      const [ms, seq] = before === undefined ? [Number.POSITIVE_INFINITY, 0] : rangeBound(`(${before}`, 'to');
      const found: Entry[] = [];
      const newest = {
        start: [stream, ms, seq] as [string, number, number],
        end: [stream, 0, -1] as [string, number, number],
      };
      for (const { key, value } of entries.getRange({ ...newest, reverse: true, limit: count }))
        found.push({ stream, id: idText([key[1], key[2]]), fields: decodeFields(value) });
      await giveWay.after(found.length);
      return found;
    },
    async streams(pattern) {
      checkOpen();
      const matches = globExpression(pattern);
      return [...states.getKeys()].filter((name) => matches.test(name)).sort();
    },
    async readGroup(reader, count, waitMs, signal) {
      const until = clock.monotonic() + waitMs;
      for (;;) {
        const waits = signal.aborted || clock.monotonic() >= until;
        const state = states.get(reader.stream);
        const last = groups.get([reader.stream, reader.group]);
        const hasNew = last === undefined || (state !== undefined && after(state.last, last));
        const batch = hasNew ? await change(() => readNew(reader, count)) : null;
        if (batch !== null && batch.entries.length > 0) return batch;
        if (waits) return batch ?? { entries: [], after: idText(last ?? [0, 0]), skipped: false, trimmed: [] };
        await arrivals.next(clock, signal);
      }
    },
    claim: (reader, minIdleMs, count, from = '0-0') =>
      change(() => {
        const { stream, group, consumer } = reader;
        const before = minIdleMs === 'own' ? Number.POSITIVE_INFINITY : clock.now() - minIdleMs;
        const found: Delivery[] = [];
        const trimmed: string[] = [];
        const [ms, seq] = rangeBound(`(${from}`, 'from');
        const all = pending.getRange({
          start: [stream, group, ms, seq],
          end: [stream, group, Number.POSITIVE_INFINITY, 0],
        });
        // As a list: what is being looked through must not change meanwhile.
        for (const { key, value } of [...all]) {
          if (value.deliveredAt > before || (minIdleMs === 'own' && value.consumer !== consumer)) continue;
          const id: EntryId = [key[2], key[3]];
          const entry = entryAt(stream, id);
          if (entry === null) {
            pending.removeSync(key);
            trimmed.push(idText(id));
          } else found.push(deliver(reader, entry, id, value));
          if (found.length === count) break;
        }
        return { entries: found, after: null, skipped: false, trimmed };
      }),
    ack: (stream, group, ids) =>
      change(() => {
        for (const id of ids) pending.removeSync([stream, group, ...rangeBound(id, 'from')]);
      }),
    async ping() {
      checkOpen();
    },
    close,
  };
}

const after = (a: EntryId, b: EntryId): boolean => a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
