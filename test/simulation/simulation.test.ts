import { expect, test } from 'vitest';
import { runBatch } from './batch.ts';
import { faultKinds } from './fault-kinds.ts';
import { runSeed } from './run.ts';
import { runThreads } from './threads.ts';

const SEEDS = 2_000;

test('a seed gives the same run each time, alone or beside others', { timeout: 300_000 }, async () => {
  const seeds = Array.from({ length: 12 }, (_, i) => 1 + i * 7);
  const beside = await Promise.all(seeds.map((seed) => runSeed(seed)));
  for (const [i, seed] of seeds.entries()) {
    const alone = await runSeed(seed);
    expect({ seed, trace: alone.trace, released: alone.released, events: alone.events }).toEqual({
      seed,
      trace: beside[i]!.trace,
      released: beside[i]!.released,
      events: beside[i]!.events,
    });
  }
  expect(new Set(beside.map(({ trace }) => trace)).size).toBe(seeds.length);
});

test('threads give what one thread gives', { timeout: 300_000 }, async () => {
  const options = { from: 1, count: 8, canary: 'tick dropped', untilFirst: false };
  const [one, two] = [await runBatch(options), await runThreads(options, 2)];
  expect(two.failed).toEqual(one.failed);
  expect({ ...two, fired: Object.fromEntries(two.fired) }).toEqual({ ...one, fired: Object.fromEntries(one.fired) });
  expect(one.failed.length).toBeGreaterThan(0);
});

test(`${SEEDS} seeds: nothing is lost, doubled or stopped, and every kind of fault happens`, {
  timeout: 1_800_000,
}, async () => {
  const sum = await runThreads({ from: 1, count: SEEDS, canary: null, untilFirst: false }, 2);
  const told = sum.failed.map(
    ({ seed, complaints }) => `npm run simulate -- --seed ${seed}: ${complaints[0]!.kind}: ${complaints[0]!.text}`,
  );
  expect(told).toEqual([]);
  expect(faultKinds.filter((kind) => !sum.fired.has(kind))).toEqual([]);
  expect(sum.seeds).toBe(SEEDS);
});
