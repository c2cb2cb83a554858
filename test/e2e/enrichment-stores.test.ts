import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import type { BarAnalysis } from '../../src/domain/analysis/bar-analysis.ts';
import type { EnrichedTick } from '../../src/domain/enrichment/enriched-tick.ts';
import type { Database } from '../../src/ports/database.ts';
import { writeRows } from '../../src/services/enrichment/row-writer.ts';
import { type Analyses, openAnalyses } from '../../src/stores/analyses.ts';
import { type EnrichedTicks, openEnrichedTicks } from '../../src/stores/enriched-ticks.ts';
import { openEnrichmentStates } from '../../src/stores/enrichment-states.ts';
import { type OpenDatabase, onBothDatabases } from '../support/both-databases.ts';

const clock = systemClock();
const DAY = 86_400_000;
const MONDAY = Date.UTC(2024, 0, 8);

const tick = (n: number, more: Partial<EnrichedTick> = {}): EnrichedTick => ({
  stream: 'v2:ticks:l1',
  entryId: `${1_700_000_000_000 + n}-0`,
  symbol: 'EURUSD',
  ts: MONDAY + n,
  price: 1.38,
  bid: 1.379,
  ask: 1.381,
  volume: '0',
  side: null,
  id: null,
  seq: null,
  readings: '{"mid":1.38,"flags":[]}',
  indicators: 'null',
  ...more,
});
const analysis = (start: number, more: Partial<BarAnalysis> = {}, text = 'first'): BarAnalysis =>
  ({
    symbol: 'EURUSD',
    timeframe: '1m',
    start,
    settled: true,
    payload: { symbol: 'EURUSD', text },
    ...more,
  }) as BarAnalysis;

function suite(open: OpenDatabase): void {
  let database: Database;
  let close: () => Promise<void>;
  let rows: EnrichedTicks;
  let analyses: Analyses;
  beforeAll(async () => {
    ({ database, close } = await open());
    [rows, analyses] = [await openEnrichedTicks(database), await openAnalyses(database)];
  });
  afterAll(() => close());
  const write = (ticks: readonly EnrichedTick[], of: readonly BarAnalysis[] = []) =>
    writeRows(
      { database, rows, analyses },
      ticks.map((row, i) => ({ row, analyses: i === 0 ? of : [] })),
    );

  test('rows are written once, whatever is in them, and come back newest first', async () => {
    const awkward = tick(1, {
      symbol: 'NULL',
      volume: '0.000000000000000001',
      bid: null,
      ask: null,
      readings: JSON.stringify({ id: 'a "quoted" \\ {text}, {}', side: 'Ω\n' }),
      indicators: '{"rsi":55.5}',
    });
    expect(await write([tick(2, { symbol: 'NULL' }), awkward])).toMatchObject({ added: 2 });
    expect(await write([awkward, tick(3, { symbol: 'NULL' })])).toMatchObject({ added: 1 });
    const [, , first] = await rows.newest('NULL', 10);
    expect(first).toEqual({
      stream: 'v2:ticks:l1',
      entryId: '1700000000001-0',
      symbol: 'NULL',
      ts: MONDAY + 1,
      price: 1.38,
      bid: null,
      ask: null,
      volume: '0.000000000000000001',
      payload: { id: 'a "quoted" \\ {text}, {}', side: 'Ω\n', indicators: { rsi: 55.5 } },
    });
    expect((await rows.newest('NULL', 2)).map(({ ts }) => ts)).toEqual([MONDAY + 3, MONDAY + 2]);
  });

  test('of a batch the rows that the database refuses are told, and the others are written', async () => {
    const bad = [3, 11].map((n) => tick(100 + n, { symbol: 'HALVED', readings: '{"id":"\\u0000"}' }));
    const good = Array.from({ length: 14 }, (_, n) => tick(100 + n, { symbol: 'HALVED' })).filter(
      ({ entryId }) => !bad.some((each) => each.entryId === entryId),
    );
    const batch = [...good, ...bad].sort((a, b) => a.ts - b.ts);
    const { added, refused } = await write(batch);
    expect(added).toBe(12);
    expect([...refused.keys()]).toEqual(bad);
    expect([...refused.values()][0]).toMatch(/SQLSTATE 22P05/);
    expect(await rows.newest('HALVED', 100)).toHaveLength(12);
  });

  test('days get their partitions, the next ones ahead; old ones go, unless they were just made', async () => {
    const now = MONDAY + 40 * DAY;
    const old = MONDAY - 100 * DAY;
    await write([tick(0, { symbol: 'OLD', ts: old })]);
    await rows.partitions.ensureAhead(now);
    const name = (ts: number): string => new Date(ts).toISOString().slice(0, 10);
    expect(await rows.partitions.days()).toEqual(
      expect.arrayContaining([name(old), name(MONDAY), name(now), name(now + DAY), name(now + 2 * DAY)]),
    );
    // Loaded today: the archive is not dropped the moment that it is there.
    expect(await rows.partitions.dropOlder(30, clock.now())).toEqual([]);
    const later = clock.now() + 31 * DAY;
    expect(await rows.partitions.dropOlder(30, later)).toContain(name(old));
    expect(await rows.newest('OLD', 10)).toEqual([]);
    // A worker that does not know of that yet makes the day anew.
    expect(await write([tick(0, { symbol: 'OLD', ts: old })])).toMatchObject({ added: 1 });
  });

  test('a day that another worker dropped is made anew by the next row', async () => {
    const far = MONDAY + 300 * DAY;
    await write([tick(0, { symbol: 'GONE', ts: far })]);
    await database.script(`DROP TABLE ticks_enriched_${new Date(far).toISOString().slice(0, 10).replaceAll('-', '')}`);
    expect(await write([tick(1, { symbol: 'GONE', ts: far + 1 })])).toMatchObject({ added: 1 });
  });

  test('an analysis of a settled bar stays; one that was not settled gives way, and is published again if it changed', async () => {
    const published: string[] = [];
    const publish = () => analyses.publish(100, async (found) => void published.push(...found.map(({ text }) => text)));
    const early = (text: string) => analyses.insert(database.query, [analysis(MONDAY, { settled: false }, text)]);
    await early('a');
    await publish();
    await early('a');
    expect(await publish()).toBe(0);
    await early('b');
    await publish();
    await analyses.insert(database.query, [analysis(MONDAY, {}, 'c'), analysis(MONDAY + 60_000, {}, 'x')]);
    await analyses.insert(database.query, [
      analysis(MONDAY, {}, 'never'),
      analysis(MONDAY, { settled: false }, 'nor this'),
    ]);
    expect(await analyses.unpublished()).toBe(2);
    await publish();
    expect(published.map((text) => (JSON.parse(text) as { text: string }).text)).toEqual(['a', 'b', 'c', 'x']);
    expect((await analyses.newest('EURUSD', '1m', 5)).map(({ text }) => text)).toEqual(['x', 'c']);
    expect(await analyses.charts()).toEqual([{ symbol: 'EURUSD', timeframe: '1m' }]);
  });

  test('what could not be published stays to be published', async () => {
    await analyses.insert(database.query, [analysis(MONDAY + 120_000, {}, 'kept')]);
    await expect(analyses.publish(10, () => Promise.reject(new Error('Kafka is away')))).rejects.toThrow(
      'Kafka is away',
    );
    expect(await analyses.unpublished()).toBe(1);
    expect(await analyses.publish(10, async () => undefined)).toBe(1);
  });

  const bar = (start: number, n: number, text: string, settled = false) =>
    analysis(start, { settled, payload: { symbol: 'EURUSD', text, extras: { bar: { n } } } } as never);
  const publishTo = (sent: string[]) =>
    analyses.publish(100, async (found) => {
      sent.push(...found.map(({ text }) => (JSON.parse(text) as { text: string }).text));
    });

  test('an analysis of a bar that is not settled gives way to none of fewer ticks, but to the settled one', async () => {
    const start = MONDAY + 3 * 60_000;
    const text = async () => (await analyses.newest('EURUSD', '1m', 1))[0]!.text;
    await analyses.insert(database.query, [bar(start, 3, 'of three')]);
    await analyses.insert(database.query, [bar(start, 2, 'of two')]);
    expect(await text()).toBe('of three');
    await analyses.insert(database.query, [bar(start, 3, 'of three again')]);
    expect(await text()).toBe('of three again');
    await analyses.insert(database.query, [bar(start, 2, 'settled', true)]);
    expect(await text()).toBe('settled');
    await publishTo([]);
  });

  test('analyses leave in the order of their commits', async () => {
    const [held, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const sent: string[] = [];
    const first = database.transaction(async (query) => {
      await analyses.insert(query, [bar(MONDAY + 4 * 60_000, 1, 'first')]);
      held.resolve();
      await gate.promise;
    });
    await held.promise;
    const second = database.transaction((query) => analyses.insert(query, [bar(MONDAY + 5 * 60_000, 1, 'second')]));
    // It would be over by now, did it not have to wait.
    await Promise.race([second, clock.sleep(200)]);
    const early = publishTo(sent);
    await clock.sleep(50);
    gate.resolve();
    await Promise.all([first, second, early]);
    await publishTo(sent);
    expect(sent).toEqual(['first', 'second']);
  });

  test('while one publisher waits for the record log the database answers, and no other publishes, for a minute', async () => {
    const [silent, asked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await analyses.insert(database.query, [bar(MONDAY + 6 * 60_000, 1, 'once')]);
    const first = analyses.publish(10, () => {
      asked.resolve();
      return silent.promise;
    });
    await asked.promise;
    const sent: string[] = [];
    expect(await publishTo(sent)).toBe(0);
    expect(await analyses.unpublished()).toBe(1);
    await database.query("UPDATE leases SET until = until - interval '1 minute'");
    expect(await publishTo(sent)).toBe(1);
    silent.resolve();
    await first;
    await analyses.insert(database.query, [bar(MONDAY + 6 * 60_000, 2, 'changed')]);
    await publishTo(sent);
    expect(sent).toEqual(['once', 'changed']);
  });

  test('the state before an entry is the newest of the same form that is older; a whole one where that is asked', async () => {
    const states = await openEnrichmentStates(database);
    const state = (position: string, whole = true) => ({ position, state: `Ω ${position} ${whole}`, whole });
    for (const position of ['5-0', '5-3', '20-0']) await states.write('s', 'form', state(position));
    await states.write('s', 'form', { ...state('5-3'), state: 'written again' });
    await states.write('s', 'other form', state('6-0'));
    await states.write('s', 'form', state('30-0', false));
    const before = (id: string, which: 'whole' | 'any' = 'whole') => states.before('s', 'form', id, which);
    expect([await before('5-0'), await before('5-3'), await before('6-0'), await before('100-0')]).toEqual([
      null,
      state('5-0'),
      state('5-3'),
      state('20-0'),
    ]);
    expect(await before('100-0', 'any')).toEqual(state('30-0', false));
    await states.write('s', 'form', state('30-0'));
    expect(await before('100-0')).toEqual(state('30-0'));
    await states.prune('s', 2, 0);
    expect([await before('20-0'), await before('30-0')]).toEqual([null, state('20-0')]);
  });

  test('of older states one is kept for every five minutes', async () => {
    const states = await openEnrichmentStates(database);
    for (let n = 0; n < 20; n += 1)
      await states.write('thin', 'form', { position: `${n}-0`, state: 'x'.repeat(1_000), whole: true });
    await database.query(
      "UPDATE enrichment_states SET written_at = timestamptz '2024-01-08' + ms * interval '1 minute' WHERE stream = 'thin'",
    );
    await states.prune('thin', 3, 1e12);
    const left = await database.query<{ ms: string }>(
      "SELECT ms FROM enrichment_states WHERE stream = 'thin' AND length(state) < 100 ORDER BY ms",
    );
    expect(left.map(({ ms }) => Number(ms))).toEqual([4, 9, 14, 17, 18, 19]);
  });
}

await onBothDatabases(suite);
