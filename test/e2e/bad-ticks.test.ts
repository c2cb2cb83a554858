import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { openTickFile } from '../../src/adapters/tick-file/tick-file.ts';
import { readConfig } from '../../src/app/config/config.ts';
import { engines } from '../../src/app/engines/composition.ts';
import { play } from '../../src/app/play/play.ts';
import { makeMirror } from '../../src/app/wiring/mirror.ts';
import { openSides } from '../../src/app/wiring/reconcile.ts';
import { errors } from '../../src/domain/errors/errors.ts';
import { settledBar } from '../../src/domain/parity/parity-bar.ts';
import { compareWithReference, parseReferenceBar } from '../../src/domain/parity/reference-bars.ts';
import { REJECTED_STREAM, REJECTED_TOPIC } from '../../src/domain/tape/rejected.ts';
import { MAX_TICK_BYTES } from '../../src/domain/tick/tick.ts';
import type { SourceTick, TickSource } from '../../src/ports/tick-source.ts';
import { recordsOf } from '../../src/services/reconcile/log-pages.ts';
import { badMessages, badTicks } from '../corpus/bad-ticks.ts';
import { describeWith } from '../support/needs.ts';
import { tickSet } from '../support/tick-sets.ts';

const clock = systemClock();
const SYMBOL = 'USDJPY';

/** The recorded ticks, with a bad one after every fifteenth. */
async function mixed(path: string): Promise<SourceTick[]> {
  const ticks: SourceTick[] = [];
  let bad = 0;
  let good = 0;
  for await (const batch of (await openTickFile(path)).batches(new AbortController().signal))
    for (const tick of batch) {
      ticks.push(tick);
      good += 1;
      const next = badTicks[bad];
      if (good % 15 !== 0 || next === undefined) continue;
      ticks.push({ symbol: SYMBOL, payload: Buffer.from(next[1] as string) });
      bad += 1;
    }
  if (bad !== badTicks.length) throw new Error('the set is too short for the corpus');
  return ticks;
}

function sourceOf(ticks: readonly SourceTick[]): TickSource {
  const counts = { ticks: 0, unroutable: new Map(), examples: [] };
  return {
    name: 'corpus',
    async *batches() {
      for (let i = 0; i < ticks.length; i += 50) {
        const batch = ticks.slice(i, i + 50);
        counts.ticks += batch.length;
        yield batch;
      }
    },
    counts,
    share: null,
    waitsFor: null,
  };
}

const key = ([reason, payload]: readonly [string, string | Buffer]): string =>
  `${reason} ${Buffer.from(payload as string).toString('latin1')}`;

await describeWith('bad ticks among good ones', { ticks: true }, () => {
  test(`${badTicks.length} of them: each is rejected with its reason on both sides, every bar is as without them, and counts add up`, {
    timeout: 60_000,
  }, async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pulse-bad-'));
    const { config } = readConfig('verify', { flags: {}, env: {}, file: null });
    const opened = engines({ config, clock, dataDir, policy: 'embedded' });
    onTestFinished(async () => {
      await opened.close();
      await rm(dataDir, { recursive: true });
    });
    const set = tickSet('USDJPY.truefx.2013-01-01');
    const ticks = await mixed(set.ticks);
    const metrics = prometheusMetrics();
    const journal = () => ({ event: () => undefined });
    const needs = { engines: opened, values: config.values, dataDir, instance: 'test', clock, metrics, journal };
    const played = await play(needs, sourceOf(ticks), {}, new AbortController().signal);

    expect(played).toMatchObject({
      complete: true,
      mirrored: ticks.length,
      candidateTicks: ticks.length,
      incumbentTicks: ticks.length,
    });
    const text = await metrics.text();
    for (const side of ['candidate', 'incumbent']) {
      const count = (outcome: string): number =>
        Number(new RegExp(`pulse_bars_ticks_total\\{side="${side}",outcome="${outcome}"\\} (\\d+)`).exec(text)![1]);
      expect([side, count('rejected')]).toEqual([side, badTicks.length]);
      expect([side, count('counted') + count('rejected')]).toEqual([side, ticks.length]);
    }

    const expected = badTicks.map(key).sort();
    const onTopic: string[] = [];
    for await (const { headers, value } of recordsOf(await opened.log(), REJECTED_TOPIC)) {
      const header = (name: string): string => headers.get(name)!.toString();
      onTopic.push(key([header('reason'), value!]));
      expect(header('source')).toMatch(/^ticks\.USDJPY\/0@\d+$/);
      expect(header('message')).not.toMatch(/\n|undefined|\[object/);
    }
    expect(onTopic.sort()).toEqual(expected);
    const entries = await (await opened.streams()).range(REJECTED_STREAM, '-', '+', 1_000);
    expect(entries.map(({ fields }) => key([fields.reason!.toString(), fields.j!])).sort()).toEqual(expected);

    const sides = await openSides(opened, config.values, false);
    const reference = gunzipSync(readFileSync(set.bars)).toString().trim().split('\n');
    for (const side of [sides.incumbent, sides.candidate]) {
      const { bars } = await side.read(SYMBOL);
      const settled = new Map(
        [...Map.groupBy(bars, ({ start }) => start)].map(([start, all]) => [start, settledBar(all).bar]),
      );
      expect(
        compareWithReference(
          settled,
          reference.map((line) => parseReferenceBar(line)!),
        ),
      ).toEqual([]);
    }
  });
});

test(`${badMessages.length} messages that no topic takes: each is rejected with its reason, the stream goes on, and counts add up`, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pulse-bad-'));
  const { config } = readConfig('verify', { flags: {}, env: {}, file: null });
  const opened = engines({ config, clock, dataDir, policy: 'embedded' });
  const stop = new AbortController();
  const mirror = await makeMirror({
    engines: opened,
    values: config.values,
    dataDir,
    instance: 'test',
    clock,
    metrics: prometheusMetrics(),
    journal: () => ({ event: () => undefined }),
  });
  const running = mirror.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    await opened.close();
    await rm(dataDir, { recursive: true });
  });
  while (!mirror.readiness().ready) await clock.sleep(20);
  const good = badMessages.map((_, i) => Buffer.from(`{"ts":${1_357_000_000 + i},"price":86.5}`));
  const pubSub = await opened.pubSub();
  for (const [i, [, channel, payload]] of badMessages.entries())
    await pubSub.publish([
      { channel, payload: Buffer.from(payload) },
      { channel: 'ticks.ZARJPY', payload: good[i]! },
    ]);
  while (Number(mirror.figures().ticks) < 2 * badMessages.length) await clock.sleep(20);

  const log = await opened.log();
  const values: Buffer[] = [];
  for await (const { value } of recordsOf(log, 'ticks.ZARJPY')) values.push(value!);
  expect(values).toEqual(good);
  const rejected: string[] = [];
  for await (const { headers } of recordsOf(log, REJECTED_TOPIC)) {
    rejected.push(`${headers.get('reason')} ${headers.get('source')}`);
    expect(headers.get('message')!.toString()).not.toMatch(/\n|undefined|\[object/);
  }
  // Only ticks of one symbol have an order: those of one whose topic is yet to be made are rejected later than others.
  expect(rejected.sort()).toEqual(badMessages.map(([reason, channel]) => `${reason} ${channel}`).sort());
  expect((await log.topics()).filter((topic) => topic.startsWith('ticks.'))).toEqual(['ticks.ZARJPY', REJECTED_TOPIC]);
});

test('a tick that is too large is refused alike on both sides, and stands in no bar', { timeout: 60_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pulse-bad-'));
  const { config } = readConfig('verify', { flags: {}, env: {}, file: null });
  const opened = engines({ config, clock, dataDir, policy: 'embedded' });
  onTestFinished(async () => {
    await opened.close();
    await rm(dataDir, { recursive: true });
  });
  const quote = (second: number, price: number, note: string): SourceTick => ({
    symbol: SYMBOL,
    payload: Buffer.from(`{"ts":${1_357_000_000 + second},"price":${price},"note":"${note}"}`),
  });
  const empty = quote(1, 999, '').payload.length;
  const ticks = [
    quote(0, 86.5, ''),
    // The largest that is a tick, and one byte more.
    quote(1, 86.6, 'x'.repeat(MAX_TICK_BYTES - empty - 1)),
    quote(2, 999, 'x'.repeat(MAX_TICK_BYTES - empty + 1)),
    quote(3, 86.4, ''),
  ];
  expect(ticks.map(({ payload }) => payload.length - MAX_TICK_BYTES).slice(1, 3)).toEqual([0, 1]);
  const journal = () => ({ event: () => undefined });
  const metrics = prometheusMetrics();
  const needs = { engines: opened, values: config.values, dataDir, instance: 'test', clock, metrics, journal };
  const played = await play(needs, sourceOf(ticks), { missed: () => 1 }, new AbortController().signal);
  expect(played.complete).toBe(true);

  const onTopic: unknown[] = [];
  for await (const { headers, value } of recordsOf(await opened.log(), REJECTED_TOPIC))
    onTopic.push([`${headers.get('reason')}`, `${headers.get('message')}`, value!.length]);
  expect(onTopic).toEqual([
    ['tick.too-large', 'the payload has 900001 bytes; at most 900000 are allowed', MAX_TICK_BYTES],
  ]);
  const entries = await (await opened.streams()).range(REJECTED_STREAM, '-', '+', 10);
  expect(entries.map(({ fields }) => [`${fields.reason}`, `${fields.message}`, fields.j!.length])).toEqual(onTopic);
  expect(await metrics.text()).toContain('pulse_bars_ticks_total{side="incumbent",outcome="rejected"} 1');
  const sides = await openSides(opened, config.values, false);
  for (const side of [sides.incumbent, sides.candidate])
    expect((await side.read(SYMBOL)).bars).toMatchObject([{ high: 86.6, low: 86.4, n: 3 }]);
});

test('every reason is one of the closed list', () => {
  for (const [reason] of [...badTicks, ...badMessages]) expect(Object.keys(errors)).toContain(reason);
});
