import { describe, expect, test } from 'vitest';
import { cleanEvidence, gap, inPlace, type Mutable, record, T0, tick } from './doctored.ts';
import { followEpoch } from './epoch-rule.ts';
import { judge } from './verdict.ts';

const kinds = (evidence: Mutable): string[] => [...new Set(judge(evidence).faults.map(({ kind }) => kind))];
const doctored = (change: (evidence: Mutable) => void): Mutable => {
  const evidence = cleanEvidence();
  change(evidence);
  return evidence;
};
/** Ten to twelve of EURUSD are not in Kafka, nor in its bars. */
const withHole = (...gaps: string[]): Mutable =>
  doctored((e) => {
    e.ticks.splice(10, 3);
    e.bars = [];
    e.incumbentBars = [];
    e.gaps = gaps;
    e.happenings.push({ kind: 'kill', target: 'mirror-a', from: T0 + 10_000, to: T0 + 12_000 });
  });
const ticksOnly = (evidence: Mutable): string[] => kinds(evidence).filter((kind) => !kind.startsWith('bar'));

test('a clean run has no fault', () => {
  const { faults, figures } = judge(cleanEvidence());
  expect(faults).toEqual([]);
  expect(figures).toMatchObject({ published: 200, inKafka: 200, lost: 0, doubled: 0, bars: 8, differences: 0 });
});

describe('ticks', () => {
  test('a tick that is nowhere is lost', () => {
    expect(kinds(doctored((e) => void e.ticks.splice(40, 1)))).toContain('lost');
  });

  test('the last tick of a symbol, and all of a symbol, can be lost', () => {
    expect(kinds(doctored((e) => void e.ticks.splice(99, 1)))).toContain('lost');
    const { figures } = judge(doctored((e) => void e.ticks.splice(0, 100)));
    expect(figures.lost).toBe(100);
  });

  test('a record that is there twice is doubled, next to itself or far away', () => {
    expect(kinds(doctored((e) => void e.ticks.splice(41, 0, e.ticks[40]!)))).toContain('doubled');
    expect(kinds(doctored((e) => void e.ticks.splice(99, 0, e.ticks[3]!)))).toContain('doubled');
  });

  test('two records that changed places are out of order, neither lost nor doubled', () => {
    const swapped = doctored((e) => void e.ticks.splice(40, 2, e.ticks[41]!, e.ticks[40]!));
    expect(ticksOnly(swapped)).toEqual(['order']);
  });

  test('a changed byte is a payload that nobody published, and one that is lost', () => {
    const changed = doctored((e) => inPlace(e, 40, e.ticks[40]!.value!.replace('"seq"', '"Seq"')));
    expect(ticksOnly(changed).sort()).toEqual(['bytes', 'lost']);
  });

  test('of three equal payloads two are too few, and four too many', () => {
    const equal = (copies: number): Mutable =>
      doctored((e) => {
        const same = { ...tick('EURUSD', 0, 40) };
        e.published.splice(40, 2, same, { ...same });
        e.published.splice(40, 0, { ...same });
        e.ticks.splice(40, 2, ...Array.from({ length: copies }, (_, i) => record(same, 40 + i)));
        e.bars = [];
        e.incumbentBars = [];
      });
    expect(ticksOnly(equal(3))).toEqual([]);
    expect(ticksOnly(equal(2))).toEqual(['lost']);
    expect(ticksOnly(equal(4))).toEqual(['doubled']);
    const [first] = equal(2).published.slice(40);
    const unsure = equal(2);
    unsure.published[40] = { ...first!, unsure: true };
    // Whichever of the three is missing, it may be that one.
    expect(ticksOnly(unsure)).toEqual([]);
  });

  test('a tick that Redis did not answer for may be missing, but not twice there', () => {
    const unsure = (e: Mutable): void => {
      e.published[40]!.unsure = true;
    };
    const missing = doctored((e) => (unsure(e), void e.ticks.splice(40, 1)));
    expect(ticksOnly(missing)).toEqual([]);
    expect(ticksOnly(doctored((e) => (unsure(e), void e.ticks.splice(41, 0, e.ticks[40]!))))).toEqual(['doubled']);
  });

  test('a rejected tick is accounted for where Kafka may refuse its topic, and a fault elsewhere', () => {
    const rejected = (mayBeRefused: Set<string>): Mutable =>
      doctored((e) => {
        const [moved] = e.ticks.splice(40, 1);
        const headers = { service: 'mirror', reason: 'tick.topic.refused', source: 'ticks.EURUSD' };
        e.rejected.push({ ...moved!, topic: 'ticks.rejected', headers });
        e.mayBeRefused = mayBeRefused;
      });
    expect(ticksOnly(rejected(new Set(['EURUSD'])))).toEqual([]);
    expect(ticksOnly(rejected(new Set()))).toEqual(['reject']);
    const both = rejected(new Set(['EURUSD']));
    both.ticks.splice(40, 0, record(tick('EURUSD', 0, 40), 40));
    expect(ticksOnly(both)).toEqual(['doubled']);
  });
});

describe('gaps', () => {
  const hole = { EURUSD: { after: T0 + 9_000, before: T0 + 13_000 } };

  test('an open gap that names symbol and interval accounts for what is missing', () => {
    expect(ticksOnly(withHole(gap({ symbols: hole })))).toEqual([]);
    expect(judge(withHole(gap({ symbols: hole }))).figures).toMatchObject({ inGaps: 3, lost: 0 });
  });

  test.each([
    ['a gap that says closed', gap({ status: 'closed', filled: 3 }), 'lost, gap says closed'],
    ['a gap of another symbol', gap({ symbols: { BTCUSD: { after: null, before: null } } }), 'lost'],
    ['a gap that begins too late', gap({ symbols: hole, from: T0 + 11_500 }), 'lost'],
    ['a gap that ends too early', gap({ symbols: hole, to: T0 + 10_500 }), 'lost'],
    ['bounds that are too narrow', gap({ symbols: { EURUSD: { after: T0 + 9_000, before: T0 + 11_000 } } }), 'lost'],
    ['a gap for symbols never seen, while this one was', gap({ unseen: true }), 'lost'],
  ])('%s lies', (_what, told, kind) => {
    expect(ticksOnly(withHole(told))).toEqual([kind]);
  });

  test('of several states of a gap the newest counts', () => {
    const states = [gap({ symbols: hole }), gap({ status: 'closed', filled: 3 })];
    expect(ticksOnly(withHole(...states))).toEqual(['lost, gap says closed']);
  });

  test('a symbol that was never seen before may lack ticks where the gap says so', () => {
    const unseen = (told: string): Mutable => {
      const evidence = withHole(told);
      evidence.ticks.splice(0, 10);
      evidence.published.splice(0, 10);
      return evidence;
    };
    expect(ticksOnly(unseen(gap({ unseen: true })))).toEqual([]);
    expect(ticksOnly(unseen(gap({ unseen: false })))).toEqual(['lost']);
  });

  test.each([
    ['overflow', 'though Redis cut nobody off'],
    ['disconnect', 'though Redis was there'],
    ['start', 'though nothing was ended in order'],
    ['because', 'which is no reason'],
  ])('the reason %s, %s, is wrong', (reason) => {
    expect(kinds(withHole(gap({ symbols: hole, reason })))).toContain('gap reason');
  });

  test('a process that ended by itself, or too slowly, is a fault', () => {
    const end = { name: 'mirror-a', code: 77, signal: null, at: T0, printed: 'refused' };
    expect(kinds(doctored((e) => void e.ends.push(end)))).toEqual(['ended by itself']);
    const asked = (over: { code?: number | null; tookMs?: number; wasUp?: boolean }): string[] =>
      kinds(doctored((e) => void e.askedEnds.push({ name: 'mirror-a', code: 0, tookMs: 2_000, wasUp: true, ...over })));
    expect(asked({})).toEqual([]);
    expect(asked({ tookMs: 14_000 })).toEqual(['SIGTERM']);
    expect(asked({ code: 1, wasUp: false })).toEqual(['SIGTERM']);
    expect(asked({ code: null })).toEqual(['SIGTERM']);
    // One that has not come up yet has no say in it.
    expect(asked({ code: null, wasUp: false })).toEqual([]);
  });
});

describe('bars', () => {
  test.each([
    ['"o":', 'o'],
    ['"h":', 'h'],
    ['"l":', 'l'],
    ['"c":', 'c'],
    ['"v":', 'v'],
    ['"n":', 'n'],
  ])('a wrong %s of the candidate is found', (field) => {
    const wrong = doctored((e) => {
      e.bars[1] = { ...e.bars[1]!, value: e.bars[1]!.value!.replace(field, `${field}9`) };
    });
    expect(kinds(wrong)).toEqual(['bar of the candidate']);
  });

  test('a missing bar, and one of a minute without ticks, are found', () => {
    expect(kinds(doctored((e) => void e.bars.splice(1, 1)))).toEqual(['bar of the candidate']);
    const moved = doctored((e) => {
      e.bars.push({ ...e.bars[0]!, value: e.bars[0]!.value!.replace(`${T0 / 1000}`, `${T0 / 1000 + 600}`) });
    });
    expect(kinds(moved)).toEqual(['bar of the candidate']);
  });

  test('a wrong bar of the incumbent is found, unless a gap of its own lies over it', () => {
    const wrong = doctored((e) => {
      e.incumbentBars[0] = { ...e.incumbentBars[0]!, fields: { ...e.incumbentBars[0]!.fields, n: '59' } };
    });
    expect(kinds(wrong)).toEqual(['bar of the incumbent']);
    wrong.incumbentGaps.push(gap({ symbols: { EURUSD: { after: T0, before: T0 + 60_000 } } }));
    expect(kinds(wrong)).toEqual([]);
  });
});

describe('readers follow the epoch', () => {
  const of = (epoch: number, n: number, offset: number, follows?: number) => ({
    ...record(tick('EURUSD', 0, n), offset),
    headers: { epoch: String(epoch), ...(follows !== undefined && { follows: JSON.stringify({ 0: follows }) }) },
  });

  test('a record of a former holder after one of a newer is left out', () => {
    const { kept, late } = followEpoch([of(1, 0, 0), of(2, 1, 1, 1), of(1, 1, 2), of(2, 2, 3)]);
    expect([kept.map(({ offset }) => offset), late]).toEqual([[0, 1, 3], 1]);
  });

  test('what the new holder did not know, and sends again, is left out once', () => {
    const { kept, repeated } = followEpoch([
      of(1, 0, 0),
      of(1, 1, 1),
      of(1, 2, 2),
      of(2, 1, 3, 1),
      of(2, 2, 4),
      of(2, 3, 5),
    ]);
    expect([kept.map(({ offset }) => offset), repeated]).toEqual([[0, 1, 2, 5], 2]);
  });

  test('a double that no epoch explains stays one', () => {
    const evidence = doctored((e) => {
      e.ticks = [of(1, 0, 0), of(1, 1, 1), of(2, 1, 2, 2)];
    });
    expect(kinds(evidence)).toContain('doubled');
  });
});
