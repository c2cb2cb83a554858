import { expect, test } from 'vitest';
import type { SideBar } from '../../domain/parity/parity-bar.ts';
import type { KeyValue } from '../../ports/key-value.ts';
import { activeBars } from './active-bars.ts';
import { writeBarSource } from './bar-source.ts';
import { newestBars } from './newest-bars.ts';
import type { SideSource } from './side-source.ts';

const bar = (minute: number, close: number): SideBar => ({
  start: minute * 60_000,
  open: close,
  high: close,
  low: close,
  close,
  volume: '1',
  n: 1,
  rev: 0,
  digest: null,
  partial: false,
  place: null,
});

const side = (bars: readonly SideBar[]): SideSource => ({
  symbols: async () => ['EURUSD'],
  has: async () => bars.length > 0,
  newest: async (_symbol, minutes) => bars.slice(-minutes),
  read: () => Promise.reject(new Error('readers of bars do not read a whole side')),
  follow: () => {
    throw new Error('readers of bars do not read a whole side');
  },
});

function memoryKeys(): KeyValue {
  const keys = new Map<string, string>();
  return { get: async (key) => keys.get(key) ?? null, set: async (key, value) => void keys.set(key, value) };
}

const sides = { incumbent: side([bar(1, 1.1), bar(2, 1.2)]), candidate: side([bar(1, 2.1), bar(2, 2.2), bar(3, 2.3)]) };

test('readers take bars from the configured source, and from the other one once it is promoted or rolled back', async () => {
  const keys = memoryKeys();
  const shown = async () => (await newestBars(await activeBars(sides, keys, 'redis')))[0];
  expect(await shown()).toMatchObject({ symbol: 'EURUSD', bar: { close: 1.2 }, other: { close: 2.2 } });
  await writeBarSource(keys, { source: 'kafka', switched: null });
  expect(await shown()).toMatchObject({ bar: { close: 2.3 }, other: null });
  await writeBarSource(keys, { source: 'redis', switched: null });
  expect(await shown()).toMatchObject({ bar: { close: 1.2 }, other: { close: 2.2 } });
});

test.each`
  source     | name
  ${'redis'} | ${'incumbent'}
  ${'kafka'} | ${'candidate'}
`('$source is the $name', async ({ source, name }) => {
  expect(await activeBars(sides, memoryKeys(), source)).toMatchObject({ source, side: name });
});
