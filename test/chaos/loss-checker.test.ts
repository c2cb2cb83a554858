import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GapRecord } from '../../src/domain/gap/gap.ts';
import { losses, type PublishedTick } from '../support/loss-checker.ts';

const tick = (n: number): PublishedTick => ({ payload: `{"id":${n}}`, ts: 1_000 * n });
const published = Array.from({ length: 100 }, (_, n) => tick(n));
const payloads = published.map(({ payload }) => payload);
const gap = (after: number | null, before: number | null, status: 'open' | 'closed' = 'open'): GapRecord => ({
  id: 'g',
  service: 'mirror',
  instance: 'i',
  reason: 'crash',
  pattern: 'ticks.*',
  from: 0,
  to: 1,
  status,
  filled: 0,
  symbols: { EURUSD: { after, before } },
});
const found = (records: readonly string[], gaps: readonly GapRecord[] = []): string[] =>
  losses('EURUSD', published, records, gaps);

test('of a whole topic nothing is told', () => expect(found(payloads)).toEqual([]));

test('each tick that is left out is told, wherever it stood', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(99), { minLength: 1 }), (left) => {
      const records = payloads.filter((_, i) => !left.includes(i));
      const expected = [...left].sort((a, b) => a - b).map((n) => `EURUSD: lost silently: {"id":${n}}`);
      expect(found(records)).toEqual(expected);
    }),
  );
});

test('what an open gap spans is not lost silently, what lies outside is', () => {
  const records = payloads.filter((_, i) => i < 40 || i > 44);
  expect(found(records, [gap(39_000, 45_000)])).toEqual([]);
  expect(found(records, [gap(null, 45_000)])).toEqual([]);
  expect(found(records, [gap(39_000, null)])).toEqual([]);
  expect(found(records, [gap(41_000, 45_000)])).toEqual(['EURUSD: lost silently: {"id":40}']);
  expect(found(records, [gap(39_000, 43_000)])).toEqual(['EURUSD: lost silently: {"id":44}']);
});

test('a gap that claims to be closed excuses nothing, nor does one of another symbol', () => {
  const records = payloads.filter((_, i) => i !== 40);
  expect(found(records, [gap(39_000, 45_000, 'closed')])).toHaveLength(1);
  expect(found(records, [{ ...gap(39_000, 45_000), symbols: { GBPUSD: { after: null, before: null } } }])).toHaveLength(
    1,
  );
});

test('a tick that is there twice, one in another place, and one that was altered are told', () => {
  expect(found(payloads.toSpliced(50, 0, payloads[49]!))).toEqual(['EURUSD: twice, or out of its order: {"id":49}']);
  const moved = payloads.toSpliced(50, 1).toSpliced(60, 0, payloads[50]!);
  expect(found(moved).join()).toContain('out of its order: {"id":50}');
  expect(found(payloads.with(7, '{"id":7.0}'))).toEqual([
    'EURUSD: nobody published {"id":7.0}',
    'EURUSD: lost silently: {"id":7}',
  ]);
});

test('equal ticks are counted one by one', () => {
  const twins = [tick(1), tick(1), tick(2)];
  expect(losses('EURUSD', twins, [twins[0]!.payload, twins[0]!.payload, twins[2]!.payload], [])).toEqual([]);
  expect(losses('EURUSD', twins, [twins[0]!.payload, twins[2]!.payload], [])).toHaveLength(1);
});
