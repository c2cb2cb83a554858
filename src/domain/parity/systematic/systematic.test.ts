import { expect, test } from 'vitest';
import { MINUTE } from '../../base/timeframe.ts';
import { type SideBar, sideNames } from '../parity-bar.ts';
import type { TapedTick } from '../parity-tape.ts';
import { differences } from '../parity-tolerance.ts';
import { systematicFault } from './systematic.ts';
import type { OtherSymbol } from './view.ts';

const START = Date.parse('2024-01-02T10:00Z');
const tolerance = { pipSize: 0.0001, priceTicks: 1, volume: '1' };

/** Two hours of a price that no two minutes share, in steps of 0.00001. */
const walk = (seed: number, from = 110_000): SideBar[] =>
  Array.from({ length: 120 }, (_, i) => {
    const at = (k: number): number => Math.round(from + 900 * Math.sin((i + seed) * 1.7 + k) + i * 3);
    const prices = [0, 1, 2, 3].map(at);
    return {
      start: START + i * MINUTE,
      open: prices[0]! / 1e5,
      high: Math.max(...prices) / 1e5,
      low: Math.min(...prices) / 1e5,
      close: prices[3]! / 1e5,
      volume: String(20 + ((i * 37 + seed) % 61)),
      n: 4,
      rev: 0,
      digest: (i + seed).toString(16).padStart(16, '0'),
      partial: false,
      place: null,
    };
  });
const plain = walk(0);

interface Extra {
  readonly ticks?: { readonly incumbent?: SideTicks; readonly candidate?: SideTicks };
  readonly others?: readonly OtherSymbol[];
}
type SideTicks = ReadonlyMap<number, readonly TapedTick[]>;

/** What is said of these two sides. */
function said(incumbent: readonly SideBar[], candidate: readonly SideBar[], { ticks, others = [] }: Extra = {}) {
  const [a, b] = [incumbent, candidate].map((bars) => new Map(bars.map((bar) => [bar.start, bar])));
  const starts = [...new Set([...a!.keys(), ...b!.keys()])].sort((x, y) => x - y);
  const minutes = starts.map((start) => {
    const [one, two] = [a!.get(start) ?? null, b!.get(start) ?? null];
    const differs = one === null || two === null || differences(one, two, tolerance).some(({ within }) => !within);
    return { start, incumbent: one, candidate: two, differs, unreadable: { incumbent: null, candidate: null } };
  });
  const found = systematicFault({
    symbol: 'EURUSD',
    names: sideNames(false),
    tolerance,
    minutes,
    bars: { incumbent, candidate },
    ticks: { incumbent: ticks?.incumbent ?? new Map(), candidate: ticks?.candidate ?? new Map() },
    others,
  });
  return found?.fault ?? null;
}

const each = (bars: readonly SideBar[], change: (bar: SideBar, i: number) => Partial<SideBar>): SideBar[] =>
  bars.map((bar, i) => ({ ...bar, ...change(bar, i) }));
const later = (minutes: number) => (bar: SideBar) => ({ start: bar.start + minutes * MINUTE });
/** A tape that gives these bars. */
const tapeOf = (bars: readonly SideBar[], off = 0): SideTicks =>
  new Map(
    bars.map(({ start, open, high, low, close }) => [
      start + off * MINUTE,
      [open, high, low, close].map((price, i) => ({ ts: start + off * MINUTE + i, price, volume: '1', place: `${i}` })),
    ]),
  );
const scaledBy = (factor: number) => (bar: SideBar) => ({
  open: bar.open * factor,
  high: bar.high * factor,
  low: bar.low * factor,
  close: bar.close * factor,
});

/** What looks alike, and what tells it apart. */
test.each`
  kind                           | since                                             | candidate                                                                                      | extra
  ${'stamped on close'}          | ${'the ticks of the minute before have a digest'} | ${each(plain, later(1))}                                                                       | ${{}}
  ${'shifted'}                   | ${'the digests are of other times'}               | ${each(plain, (bar) => ({ ...later(1)(bar), digest: `f${bar.digest!.slice(1)}` }))}            | ${{}}
  ${'stamped on close'}          | ${'its own tape holds them a minute earlier'}     | ${each(plain, (bar) => ({ ...later(1)(bar), digest: null }))}                                  | ${{ ticks: { candidate: tapeOf(plain) } }}
  ${'shifted'}                   | ${'its own tape holds them a minute late too'}    | ${each(plain, (bar) => ({ ...later(1)(bar), digest: null }))}                                  | ${{ ticks: { candidate: tapeOf(plain, 1) } }}
  ${'another time zone'}         | ${'Kathmandu is 5:45 off'}                        | ${each(plain, later(345))}                                                                     | ${{}}
  ${'shifted'}                   | ${'no zone is 1:30 off'}                          | ${each(plain, later(-90))}                                                                     | ${{}}
  ${'shifted'}                   | ${'no zone is a day off'}                         | ${each(plain, later(1_440))}                                                                   | ${{}}
  ${'prices scaled'}             | ${'all are in proportion'}                        | ${each(plain, scaledBy(1.02))}                                                                 | ${{}}
  ${'symbols swapped'}           | ${'they are the bars of another symbol'}          | ${walk(50, 112_200)}                                                                           | ${{ others: [{ symbol: 'EURCHF', incumbent: walk(50, 112_200), candidate: [] }] }}
  ${'volume is the tick count'}  | ${'it is exactly that'}                           | ${each(plain, ({ n }) => ({ volume: String(n) }))}                                             | ${{}}
  ${'volumes scaled'}            | ${'there are none'}                               | ${each(plain, () => ({ volume: '0' }))}                                                        | ${{}}
  ${'prices and volumes scaled'} | ${'each has a factor'}                            | ${each(plain, (bar) => ({ ...scaledBy(100)(bar), volume: String(Number(bar.volume) / 100) }))} | ${{}}
  ${'stale bars'}                | ${'it is so from the middle on'}                  | ${each(plain, ({ start }, i) => (i < 60 ? {} : { ...plain[60]!, start }))}                     | ${{}}
`('$kind, since $since', ({ kind, candidate, extra }) => {
  expect(said(plain, candidate, extra)?.kind).toBe(kind);
});

test.each`
  what                                      | incumbent                       | candidate
  ${'nothing that differs'}                 | ${plain}                        | ${plain}
  ${'nine bars'}                            | ${plain}                        | ${each(plain, (bar, i) => (i < 9 ? scaledBy(2)(bar) : {}))}
  ${'bars that have nothing to do with it'} | ${plain}                        | ${walk(50, 112_200)}
  ${'bars near in price of another symbol'} | ${plain}                        | ${walk(50)}
  ${'a flat market of two prices'}          | ${each(plain, () => flat(1.1))} | ${each(plain, () => flat(1.2))}
  ${'ticks counted twice'}                  | ${plain}                        | ${each(plain, ({ volume }) => ({ n: 8, volume: String(2 * Number(volume)) }))}
  ${'a fault of four fifths, and another'}  | ${plain}                        | ${each(plain, (bar, i) => (i % 5 === 0 ? scaledBy(3)(bar) : { volume: String(2 * Number(bar.volume)) }))}
  ${'bars that lack here and there'}        | ${plain}                        | ${plain.filter((_, i) => i % 7 !== 3)}
`('of $what no fault is named', ({ incumbent, candidate }) => {
  expect(said(incumbent, candidate)).toBeNull();
});

function flat(price: number) {
  return { open: price, high: price, low: price, close: price, volume: '5' };
}

test('the evidence counts what fits, what does not, and what it explains', () => {
  const candidate = each(plain, (bar, i) =>
    i % 30 === 7 ? scaledBy(3)(bar) : { volume: String(2 * Number(bar.volume)) },
  );
  expect(said(plain, candidate)).toMatchObject({ kind: 'volumes scaled', explained: 116, differing: 120 });
  const { fits, against } = said(plain, candidate)!;
  // Of the minutes between the outermost twentieths.
  expect([fits, against]).toEqual([104, 4]);
  expect(said(plain, candidate)!.statement).toBe("the candidate's volumes are those of the incumbent times 2");
});
