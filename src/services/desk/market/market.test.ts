import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../adapters/clock/system.ts';
import { lmdbEntryStream } from '../../../adapters/entry-stream/lmdb.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import type { SideBar } from '../../../domain/parity/parity-bar.ts';
import type { EntryStream } from '../../../ports/entry-stream.ts';
import { type MarketNeeds, market } from './market.ts';

const bar = (minute: number): SideBar => ({
  start: minute * 60_000,
  open: 1.1,
  high: 1.3,
  low: 1.0,
  close: 1.2,
  volume: '12.5',
  n: 3,
  rev: 0,
  digest: null,
  partial: false,
  place: null,
});

const needs = (streams: EntryStream | null = null): MarketNeeds => ({
  streams: async () => streams!,
  barSource: async () => ({ source: 'kafka', switched: { at: '2026-07-01T09:00:00.000Z' } }),
  bars: async () => ({
    source: 'kafka',
    symbols: async () => Array.from({ length: 25 }, (_, i) => `SYM${i}`),
    newest: async (symbol) => (symbol === 'EURUSD' ? [bar(1), bar(2), bar(3)] : []),
  }),
  parity: async (symbol) => ({ symbol }),
  analysis: async () => ({ analysis: null, charts: [{ symbol: 'EURUSD', timeframe: '5m' }] }),
});

async function streams(): Promise<EntryStream> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-market-'));
  const opened = lmdbEntryStream({ path: folder, clock: systemClock() });
  onTestFinished(async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  });
  return opened;
}

test('the newest entries come newest first, or the oldest of them first, and those before an entry', async () => {
  const stream = await streams();
  const ids = await stream.append(
    [1, 2, 3, 4].map((n) => ({ stream: 'v2:ticks:EURUSD', fields: { j: `{"n":${n}}` } })),
  );
  const read = market(needs(stream));
  const told = async (count: number, reverse: boolean, before: string | null) =>
    (await read.entries('v2:ticks:EURUSD', count, reverse, before)).entries.map(({ fields }) => fields.j);
  expect(await told(2, false, null)).toEqual(['{"n":4}', '{"n":3}']);
  expect(await told(2, true, null)).toEqual(['{"n":3}', '{"n":4}']);
  expect(await told(9, false, ids[2]!)).toEqual(['{"n":2}', '{"n":1}']);
  expect((await read.entries('nothing', 5, false, null)).entries).toEqual([]);
});

test('a key that is no stream is told as the caller’s slip; any other fault of Redis stays what it is', async () => {
  const failing = (reason: string): EntryStream =>
    ({
      newest: () => Promise.reject(new PulseError('redis.refused', { at: 'redis', command: 'XREVRANGE', reason })),
    }) as unknown as EntryStream;
  const told = (reason: string) => market(needs(failing(reason))).entries('keys', 1, false, null);
  await expect(told('WRONGTYPE Operation against a key')).rejects.toMatchObject({ code: 'stream.other', status: 400 });
  await expect(told('NOPERM this user')).rejects.toMatchObject({ code: 'redis.refused' });
});

test.each`
  stream                            | source     | by
  ${'stream:bar:1m:EURUSD'}         | ${'kafka'} | ${'kafka'}
  ${'stream:bar:5m:EURUSD'}         | ${'kafka'} | ${'kafka'}
  ${'stream:bar:1m:EURUSD'}         | ${'redis'} | ${undefined}
  ${'stream:bar:noise:1m:EURUSD'}   | ${'kafka'} | ${undefined}
  ${'stream:bar:checkpoint:EURUSD'} | ${'kafka'} | ${undefined}
  ${'v2:ticks:EURUSD'}              | ${'kafka'} | ${undefined}
`('while readers use $source, who reads $stream directly is told: $by', async ({ stream, source, by }) => {
  const switched = { at: '2026-07-01T09:00:00.000Z' };
  const read = market({ ...needs(await streams()), barSource: async () => ({ source, switched }) });
  const { superseded } = await read.entries(stream, 1, false, null);
  expect(superseded?.by).toBe(by);
  if (by !== undefined)
    expect(superseded?.note).toContain('no longer the source: readers take bars from kafka since 2026');
});

test('bars are those of the active source, no more than were asked for', async () => {
  const { bars, source, tf } = await market(needs()).bars('EURUSD', 2);
  expect([source, tf]).toEqual(['kafka', '1m']);
  expect(bars).toEqual([120, 180].map((ts) => ({ ts, o: 1.1, h: 1.3, l: 1.0, c: 1.2, v: 12.5, n: 3 })));
});

test('what is not there is told with what is', async () => {
  const read = market(needs());
  await expect(read.bars('EURUS', 5)).rejects.toMatchObject({
    code: 'symbol.unknown',
    message: expect.stringMatching(/"EURUS"; there are some of: SYM0, .*SYM19, and 5 more$/),
  });
  await expect(read.analysis('EURUSD', '1h')).rejects.toMatchObject({
    code: 'analysis.none',
    message: expect.stringContaining('stored are: EURUSD 5m'),
  });
});

test('what is no symbol has no bars and no parity, and no engine is asked for them', async () => {
  const read = market({
    ...needs(),
    bars: async () => ({ ...(await needs().bars()), newest: () => Promise.reject(new Error('asked')) }),
    parity: () => Promise.reject(new Error('asked')),
  });
  for (const symbol of ['', 'a b', 'a\0', '../x', 'x'.repeat(101)]) {
    await expect(read.bars(symbol, 1)).rejects.toMatchObject({ code: 'symbol.unknown' });
    await expect(read.parity(symbol)).rejects.toMatchObject({ code: 'symbol.unknown' });
  }
});
