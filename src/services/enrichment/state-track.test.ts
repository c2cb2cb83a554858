import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { enrichmentOptions } from '../../../test/support/enrichment-options.ts';
import { recordingJournal } from '../../../test/support/recording-journal.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { lmdbEntryStream } from '../../adapters/entry-stream/lmdb.ts';
import { compareIds } from '../../domain/enrichment/stream-enricher.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { EntryStream, GroupReader } from '../../ports/entry-stream.ts';
import type { Journal } from '../../ports/journal.ts';
import type { EnrichmentStates, StoredState } from '../../stores/enrichment-states.ts';
import { bury, deadStream } from './dead-entries.ts';
import { type Outcome, StateTrack } from './state-track.ts';

const STREAM = 'v2:ticks:l1';
const FROM = Date.UTC(2024, 0, 8, 9) / 1_000;
const reader = (consumer: string): GroupReader => ({ stream: STREAM, group: 'enrichers', consumer });
const signal = new AbortController().signal;

/** The table of states, as a list. */
function states(): EnrichmentStates & { readonly all: StoredState[] } {
  const all: StoredState[] = [];
  return {
    all,
    write: async (_stream, _form, state) => void all.push(state),
    before: async (_stream, _form, id, which) =>
      all
        .filter(({ position, whole }) => compareIds(position, id) < 0 && (whole || which === 'any'))
        .sort((a, b) => compareIds(b.position, a.position))[0] ?? null,
    prune: async () => undefined,
  };
}

let folder: string;
let streams: EntryStream;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-track-'));
  streams = lmdbEntryStream({ path: join(folder, 'streams'), clock: systemClock() });
});
afterEach(async () => {
  await streams.close();
  await rm(folder, { recursive: true });
});

const trackOf = (of: EnrichmentStates, journal: Journal = recordingJournal()): StateTrack =>
  new StateTrack({ streams, states: of, journal }, { ...enrichmentOptions(), stream: STREAM, fingerprint: 'f' });
const append = (count: number, from = 0): Promise<string[]> =>
  streams.append(
    Array.from({ length: count }, (_, n) => ({
      stream: STREAM,
      fields: {
        j: JSON.stringify({ symbol: 'X', ts: FROM + (from + n) * 7, price: 100 + Math.sin(from + n), volume: 1 }),
      },
    })),
  );
/** What was found out of each entry, by id. */
const texts = (outcomes: readonly Outcome[]): Map<string, string> =>
  new Map(
    outcomes.map((outcome) => {
      const { entry, ...found } = outcome;
      return [entry.id, JSON.stringify(found)];
    }),
  );
/** All entries taken by one worker, in one go. */
async function wholeOf(): Promise<Map<string, string>> {
  const entries = await streams.range(STREAM, '-', '+', 100_000);
  const batch = {
    entries: entries.map((entry) => ({ ...entry, deliveries: 1 })),
    after: '0-0',
    skipped: false,
    trimmed: [],
  };
  return texts(await trackOf(states()).take(batch));
}

test('a worker that is given every other batch finds out what one that is given all would', async () => {
  await append(300);
  const whole = await wholeOf();
  const store = states();
  const [a, b] = [trackOf(store), trackOf(store)];
  for (let n = 0; n < 10; n += 1) {
    const track = n % 2 === 0 ? a : b;
    const batch = await streams.readGroup(reader(n % 2 === 0 ? 'a' : 'b'), 30, 0, signal);
    for (const [id, text] of texts(await track.take(batch))) expect(text).toBe(whole.get(id));
  }
  expect([a.followed, b.followed]).toEqual([120, 150]);
});

test('one that sees every entry follows none for the state alone', async () => {
  await append(90);
  const track = trackOf(states());
  for (let n = 0; n < 3; n += 1) await track.take(await streams.readGroup(reader('a'), 30, 0, signal));
  expect(track.followed).toBe(0);
});

test('what a dead worker left is found out from the state before it, and the own state stays where it is', async () => {
  await append(200);
  const whole = await wholeOf();
  const store = states();
  const track = trackOf(store);
  await streams.readGroup(reader('dead'), 50, 0, signal);
  await track.take(await streams.readGroup(reader('a'), 50, 0, signal));
  await track.store(0, true);
  await track.take(await streams.readGroup(reader('a'), 50, 0, signal));
  const { position } = track.state!;
  const claimed = await streams.claim(reader('a'), 0, 50);
  const found = texts(await track.take(claimed));
  expect(found.size).toBe(50);
  for (const [id, text] of found) expect(text).toBe(whole.get(id));
  expect(track.state!.position).toBe(position);
  for (const [id, text] of texts(await track.take(await streams.readGroup(reader('a'), 50, 0, signal))))
    expect(text).toBe(whole.get(id));
});

test('a restart goes on from the stored state, and reads what lies between for the state alone', async () => {
  await append(3_000);
  const whole = await wholeOf();
  const store = states();
  const before = trackOf(store);
  await before.take(await streams.readGroup(reader('a'), 1_000, 0, signal));
  await before.store(0, true);
  await before.take(await streams.readGroup(reader('a'), 1_500, 0, signal));
  const after = trackOf(store);
  const found = texts(await after.take(await streams.readGroup(reader('a'), 500, 0, signal)));
  expect(after.followed).toBe(1_500);
  for (const [id, text] of found) expect(text).toBe(whole.get(id));
});

test('a state is stored when it is due, and not again while nothing was taken', async () => {
  await append(20);
  const store = states();
  const track = trackOf(store);
  await track.store(0);
  await track.take(await streams.readGroup(reader('a'), 10, 0, signal));
  await track.store(1_000);
  await track.take(await streams.readGroup(reader('a'), 10, 0, signal));
  await track.store(2_000);
  expect(store.all).toHaveLength(1);
  await track.store(31_000);
  await track.store(90_000);
  expect(store.all.map(({ position }) => position)).toHaveLength(2);
});

/** A worker that has read 30 entries, another that has read 240 more, and the first 200 trimmed away. */
async function behindATrim(store: EnrichmentStates, journal: Journal) {
  await append(300);
  const whole = await wholeOf();
  const [behind, other] = [trackOf(store, journal), trackOf(store)];
  await behind.take(await streams.readGroup(reader('behind'), 30, 0, signal));
  await other.take(await streams.readGroup(reader('other'), 240, 0, signal));
  await streams.append([{ stream: STREAM, fields: { j: '' }, maxLen: 101 }]);
  const next = await streams.readGroup(reader('behind'), 30, 0, signal);
  return { whole, behind, other, next };
}
/** Of the first minutes that were settled: whether they are partial. */
const partial = (outcomes: readonly Outcome[]): boolean[] =>
  outcomes
    .flatMap((outcome) => ('analyses' in outcome ? outcome.analyses : []))
    .filter(({ timeframe }) => timeframe === '1m')
    .map(({ payload }) => (payload.extras as { bar: { partial: boolean } }).bar.partial)
    .slice(0, 4);

test('one that lacks entries which are gone says so, and tells its bars and its state by it', async () => {
  const [store, journal] = [states(), recordingJournal()];
  const { behind } = await behindATrim(store, journal);
  const { entries } = await streams.claim(reader('again'), 0, 300);
  expect(journal.events).toEqual([]);
  const found = await behind.take({ entries, after: '1-0', skipped: false, trimmed: [] });
  expect(journal.events.map(({ code, data }) => [code, data.before])).toEqual([['entry.trimmed', entries[0]!.id]]);
  expect(partial(found)).toEqual([true, true, false, false]);
  await behind.store(0, true);
  expect(store.all.map(({ whole }) => whole)).toEqual([false]);
});

test('one that lacks entries which are gone takes the state of a worker that read them', async () => {
  const [store, journal] = [states(), recordingJournal()];
  const { whole, behind, other, next } = await behindATrim(store, journal);
  await other.store(0, true);
  for (const [id, text] of texts(await behind.take(next))) expect(text).toBe(whole.get(id));
  expect(journal.events).toEqual([]);
});

test('a state with a hole gives way to a whole one that is stored later', async () => {
  const store = states();
  const { whole, behind, other, next } = await behindATrim(store, recordingJournal());
  await behind.take({ ...next, entries: next.entries.slice(0, 10) });
  await other.store(0, true);
  await behind.store(0, true);
  expect(store.all.at(-1)).toEqual({ ...store.all.at(-1), whole: true, position: next.entries[9]!.id });
  const rest = { ...next, entries: next.entries.slice(10), after: next.entries[9]!.id };
  for (const [id, text] of texts(await behind.take(rest))) expect(text).toBe(whole.get(id));
});

test('bars that entries which nobody was given may belong to are partial', async () => {
  await append(300);
  const track = trackOf(states());
  await track.take(await streams.readGroup(reader('a'), 30, 0, signal));
  await streams.append([{ stream: STREAM, fields: { j: '' }, maxLen: 101 }]);
  const batch = await streams.readGroup(reader('a'), 30, 0, signal);
  expect(batch.skipped).toBe(true);
  expect(partial(await track.take(batch))).toEqual([true, true, false, false]);
});

test('one that was given nothing takes in what others were, up to the entry that is named', async () => {
  const ids = await append(2_500);
  const [a, b] = [trackOf(states()), trackOf(states())];
  await a.follow('0-0');
  expect(a.state).toBe(null);
  await a.follow(ids[1_499]!);
  expect([a.state!.position, a.followed]).toEqual([ids[1_499], 1_500]);
  await a.follow(ids[99]!);
  await a.follow(null);
  expect(a.state!.position).toBe(ids[1_499]);
  await b.take(await streams.readGroup(reader('b'), 1_500, 0, signal));
  expect(a.state!.snapshot()).toBe(b.state!.snapshot());
});

test('a state that could not be stored is stored the next time', async () => {
  await append(10);
  const store = states();
  const { write } = store;
  store.write = () => Promise.reject(new Error('the database is away'));
  const track = trackOf(store);
  await track.take(await streams.readGroup(reader('a'), 10, 0, signal));
  await expect(track.store(0)).rejects.toThrow('away');
  store.write = write;
  await track.store(1);
  expect(store.all).toHaveLength(1);
});

test('a dead entry is buried with its fields, reason and place, once, however often it is delivered', async () => {
  const [id] = await append(1);
  await streams.readGroup(reader('a'), 1, 0, signal);
  const dead = async (consumer: string) => {
    const { entries } = await streams.claim(reader(consumer), 0, 1);
    return [{ entry: entries[0]!, reason: new PulseError('entry.failed', { id, reason: 'test' }) }];
  };
  expect(await bury(streams, STREAM, await dead('a'))).toBe(1);
  expect(await bury(streams, STREAM, await dead('b'))).toBe(0);
  const [letter, ...more] = await streams.range(deadStream(STREAM), '-', '+', 10);
  expect(more).toEqual([]);
  expect(Object.fromEntries(Object.entries(letter!.fields).map(([name, value]) => [name, value.toString()]))).toEqual({
    j: JSON.stringify({ symbol: 'X', ts: FROM, price: 100, volume: 1 }),
    reason: 'entry.failed',
    message: `entry ${id} could not be enriched: test`,
    source: `${STREAM}@${id}`,
    service: 'enrichment',
  });
});
