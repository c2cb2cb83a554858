import { beforeEach, expect, test } from 'vitest';
import { EnrichmentDesk } from '../../../test/support/enrichment-desk.ts';

let desk: EnrichmentDesk;
beforeEach(() => {
  desk = new EnrichmentDesk();
});

const deliveries = (): number[] => [...desk.pending.values()].map(({ entry }) => entry.deliveries);

test('while the database is away it says so all the time, reads nothing more and claims nothing of its own', async () => {
  await desk.start();
  const first = desk.publish();
  await desk.clock.advance(2_000);
  desk.mood = 'away';
  const second = desk.publish();
  await desk.clock.advance(1_000);
  const third = desk.publish();
  const ready: boolean[] = [];
  for (let s = 0; s < 60; s += 1) {
    await desk.clock.advance(1_000);
    ready.push(desk.worker.readiness().ready);
  }
  expect(new Set(ready)).toEqual(new Set([false]));
  expect(deliveries()).toEqual([1]);
  expect(desk.waiting).toHaveLength(1);
  desk.mood = 'well';
  await desk.clock.advance(10_000);
  expect(desk.rows).toEqual([first, second, third]);
  expect(desk.pending.size).toBe(0);
  expect(desk.worker.readiness()).toEqual({ ready: true, detail: 'enriches' });
  const engine = desk.journal.codes().filter((code) => code.startsWith('engine.'));
  expect(engine).toEqual(['engine.lost', 'engine.restored']);
  await desk.stop();
});

test('a database that is silent: it is not ready, says how far it is behind, and ends in time when told to', async () => {
  await desk.start();
  desk.publish();
  await desk.clock.advance(2_000);
  desk.mood = 'silent';
  desk.publish();
  await desk.clock.advance(5_000);
  expect(desk.worker.readiness().ready).toBe(true);
  await desk.clock.advance(35_000);
  expect(desk.worker.readiness()).toEqual({
    ready: false,
    detail: expect.stringMatching(/^has waited for the database for 4\d s$/),
  });
  expect(desk.worker.figures().lagSeconds).toBe(40);
  expect(desk.journal.codes()).toContain('lag.high');
  await desk.stop();
  expect(desk.journal.codes().at(-1)).toBe('service.stopped');
});

test.each(['states', 'early analyses'] as const)('%s that cannot be stored do not end it', async (what) => {
  desk.refuses = what;
  await desk.start();
  for (let minute = 0; minute < 3; minute += 1) {
    desk.publish();
    await desk.clock.advance(60_000);
  }
  expect(desk.rows).toHaveLength(3);
  await desk.stop();
});

test('a statement that the database may not carry out ends it, and buries nothing', async () => {
  desk.refuses = 'rows';
  await desk.start();
  const id = desk.publish();
  await desk.clock.advance(10_000);
  await expect(desk.stop()).rejects.toMatchObject({ code: 'database.query', evidence: { sqlstate: '42501' } });
  expect([...desk.pending.keys()]).toEqual([id]);
  expect(desk.dead).toEqual([]);
});

test('an entry that can never be used is buried once, though it could not be acknowledged at first', async () => {
  desk.failingAcks = 2;
  await desk.start();
  const id = desk.publish({ symbol: 'EURUSD', ts: '17', price: '1.1' });
  await desk.clock.advance(10_000);
  expect(desk.pending.size).toBe(0);
  expect(desk.dead).toEqual([`s@${id}`]);
  await desk.stop();
});

test('after a restart it takes up what it was given, though the stream holds nothing of the first page any more', async () => {
  const id = desk.publish();
  const [entry] = desk.waiting.splice(0);
  desk.own.push({ entries: [], after: null, skipped: false, trimmed: ['1-0', '2-0'] });
  desk.own.push({ entries: [{ ...entry!, deliveries: 2 }], after: null, skipped: false, trimmed: [] });
  await desk.start();
  await desk.clock.advance(2_000);
  expect(desk.rows).toEqual([id]);
  await desk.stop();
});

test('one slow batch puts off claims for a while, not for ever', async () => {
  await desk.start();
  desk.takesMs = 20_000;
  desk.publish();
  await desk.clock.advance(61_000);
  expect(desk.claims.at(-1)).toBe(40_000);
  desk.takesMs = 0;
  for (let batch = 0; batch < 400; batch += 1) {
    desk.publish();
    await desk.clock.advance(500);
  }
  expect(desk.claims.at(-1)).toBe(1_000);
  await desk.stop();
});
