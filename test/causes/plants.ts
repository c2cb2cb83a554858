import type { Chance } from './chance.ts';
import {
  type Bar,
  barsOf,
  type Instrument,
  instruments,
  MINUTE,
  minuteOf,
  printed,
  type Tick,
  ticksOf,
} from './market.ts';
import type { Form, Market, Path, SideName, World, Written } from './world.ts';

/** What must be said: the fault of the whole path, or the cause of each bar that differs, by start. */
export interface Expected {
  readonly systematic: string | null;
  readonly causes: ReadonlyMap<number, string>;
}

export interface Planted {
  readonly world: World;
  readonly expected: Expected;
}

type Plant = (world: World, chance: Chance) => Planted;

const MINUTES = 200;
/** Minutes before and after those compared, so that the tapes hold all of them. */
const AROUND = 3;

const written = (bar: Bar): Written => ({ bar, at: bar.start });
const pathOf = (ticks: readonly Tick[], { scale }: Instrument): Path => ({
  ticks,
  bars: barsOf(ticks, scale).map(written),
  gaps: [],
  late: [],
});

function marketOf(instrument: Instrument, begin: number, minutes: number, gaps: number, chance: Chance): Market {
  const ticks = ticksOf(instrument, begin, minutes, gaps, chance);
  return { instrument, incumbent: pathOf(ticks, instrument), candidate: pathOf(ticks, instrument) };
}

/** Both paths of one symbol, equal. */
export function cleanWorld(form: Form, chance: Chance): World {
  const begin = Date.UTC(
    chance.whole(2015, 2025),
    chance.whole(0, 11),
    chance.whole(1, 28),
    chance.whole(0, 23),
    chance.whole(0, 59),
  );
  const market = marketOf(chance.pick(instruments), begin, MINUTES + 2 * AROUND, chance.pick([0, 0, 0.2, 0.4]), chance);
  const from = begin + AROUND * MINUTE;
  return { form, markets: [market], from, to: from + MINUTES * MINUTE };
}

const first = ({ markets }: World): Market => markets[0]!;
const either = (chance: Chance): SideName => chance.pick(['incumbent', 'candidate'] as const);

/** The same with another path on a side of the first symbol. */
const withPath = (world: World, side: SideName, path: Path): World => ({
  ...world,
  markets: [{ ...first(world), [side]: path }, ...world.markets.slice(1)],
});

const withBars = (world: World, side: SideName, change: (bars: readonly Written[]) => readonly Written[]): World => {
  const path = first(world)[side];
  return withPath(world, side, { ...path, bars: change(path.bars) });
};

/** Minutes with ticks that are compared, as many as `count`, none next to another. */
function someMinutes(world: World, chance: Chance, count: number): number[] {
  const starts = [...new Set(first(world).candidate.ticks.map(({ ts }) => minuteOf(ts)))];
  const inside = starts.filter((start) => start >= world.from + MINUTE && start < world.to - MINUTE);
  const apart = inside.filter((_, i) => i % 2 === 0);
  return chance.some(apart, count);
}

const howMany = (chance: Chance): number => chance.whole(1, 15);

const each = (starts: readonly number[], cause: string): Expected => ({
  systematic: null,
  causes: new Map(starts.map((start) => [start, cause])),
});

/** Changes the ticks of some minutes on a side, tape and bars. */
function onTicks(
  world: World,
  side: SideName,
  starts: readonly number[],
  change: (ticks: readonly Tick[]) => readonly Tick[],
): World {
  const chosen = new Set(starts);
  const { instrument } = first(world);
  const path = first(world)[side];
  const ticks = [...Map.groupBy(path.ticks, ({ ts }) => minuteOf(ts))].flatMap(([start, own]) =>
    chosen.has(start) ? change(own) : own,
  );
  return withPath(world, side, { ...path, ...pathOf(ticks, instrument), gaps: path.gaps, late: path.late });
}

/** The tick of a minute that is done something to: never the first or the last. */
const middle = (ticks: readonly Tick[]): number => Math.floor(ticks.length / 2);

/** Changes the bars of some minutes on a side, and nothing on its tape. */
function onBars(
  world: World,
  side: SideName,
  starts: readonly number[],
  change: (bar: Bar) => readonly Written[],
): World {
  const chosen = new Set(starts);
  return withBars(world, side, (bars) =>
    bars.flatMap((bar) => ('bar' in bar && chosen.has(bar.bar.start) ? change(bar.bar) : [bar])),
  );
}

const far = ({ instrument }: Market): number => instrument.move * 40;

/** A price that is some steps off another. */
const off = (price: string, steps: number, { instrument: { scale } }: Market): string =>
  printed(Math.round(Number(price) * 10 ** scale.price) + steps, scale.price);

const single = {
  'tick lost': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, howMany(chance))];
    const faulty = onTicks(world, side, starts, (ticks) => ticks.toSpliced(middle(ticks), 1));
    return { world: faulty, expected: each(starts, side === 'candidate' ? 'missing ticks' : 'extra ticks') };
  },
  'tick doubled': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, howMany(chance))];
    const faulty = onTicks(world, side, starts, (ticks) => ticks.toSpliced(middle(ticks), 0, ticks[middle(ticks)]!));
    return { world: faulty, expected: each(starts, side === 'candidate' ? 'extra ticks' : 'missing ticks') };
  },
  'tick altered': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, howMany(chance))];
    const faulty = onTicks(world, side, starts, (ticks) =>
      ticks.with(middle(ticks), { ...ticks[middle(ticks)]!, price: ticks[0]!.price + far(first(world)) }),
    );
    return { world: faulty, expected: each(starts, 'altered ticks') };
  },
  'tick late': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, howMany(chance))];
    const faulty = onTicks(world, side, starts, (ticks) => ticks.toSpliced(middle(ticks), 1));
    const chosen = new Set(starts);
    const late = [...Map.groupBy(first(world)[side].ticks, ({ ts }) => minuteOf(ts))].flatMap(([start, own]) =>
      chosen.has(start) ? [own[middle(own)]!] : [],
    );
    const path = first(faulty)[side];
    const arrived = { ...path, ticks: [...path.ticks, ...late], late: late.map(({ ts }) => ts) };
    return { world: withPath(faulty, side, arrived), expected: each(starts, 'late tick') };
  },
  gap: (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, chance.whole(1, 4))];
    const faulty = onTicks(world, side, starts, (ticks) => ticks.toSpliced(2, 2));
    const gaps = starts.map((start) => {
      const own = first(world)[side].ticks.filter(({ ts }) => minuteOf(ts) === start);
      return { after: own[1]!.ts, before: own[4]!.ts, open: true };
    });
    return { world: withPath(faulty, side, { ...first(faulty)[side], gaps }), expected: each(starts, 'gap') };
  },
  'gap beside a wrong figure': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, chance.whole(1, 4))];
    const gaps = starts.map((start) => ({ after: start + 1_000, before: start + 50_000, open: true }));
    const faulty = wrongHigh(world, side, starts);
    return { world: withPath(faulty, side, { ...first(faulty)[side], gaps }), expected: each(starts, 'arithmetic') };
  },
  'tie order': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, howMany(chance))];
    const tied = (ticks: readonly Tick[]): Tick[] => {
      const last = ticks.at(-1)!;
      return [...ticks, { ts: last.ts, price: last.price + far(first(world)), volume: 3 }];
    };
    const both = onTicks(onTicks(world, 'incumbent', starts, tied), 'candidate', starts, tied);
    const faulty = onTicks(both, side, starts, (ticks) => [...ticks.slice(0, -2), ticks.at(-1)!, ticks.at(-2)!]);
    return { world: faulty, expected: each(starts, 'tie order') };
  },
  'wrong close without a tie': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, howMany(chance))];
    const faulty = onBars(world, side, starts, (bar) => [written({ ...bar, close: farther(bar) })]);
    return { world: faulty, expected: each(starts, 'arithmetic') };
  },
  'wrong figure': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, howMany(chance))];
    return { world: wrongHigh(world, side, starts), expected: each(starts, 'arithmetic') };
  },
  'bar missing': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, howMany(chance))];
    return { world: onBars(world, side, starts, () => []), expected: each(starts, 'missing bar') };
  },
  'bar contradicted': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, howMany(chance))];
    const faulty = onBars(world, side, starts, (bar) => [
      written(bar),
      written({ ...bar, high: off(bar.high, far(first(world)), first(world)) }),
    ]);
    return { world: faulty, expected: each(starts, 'doubled bar') };
  },
  'bar unreadable': (world, chance) => {
    const [side, starts] = [either(chance), someMinutes(world, chance, chance.whole(1, 8))];
    const junk = chance.pick(['text', 'no price', 'negative volume'] as const);
    const faulty = onBars(world, side, starts, ({ start }) => [{ junk, start }]);
    return { world: faulty, expected: each(starts, 'unreadable bar') };
  },
  partial: (world, chance) => {
    // The older forms do not say it.
    const side = world.form === 'stream' ? either(chance) : 'candidate';
    const starts = someMinutes(world, chance, chance.whole(1, 3));
    const faulty = onTicks(world, side, starts, (ticks) => ticks.slice(3));
    return {
      world: onBars(faulty, side, starts, (bar) => [written({ ...bar, partial: true })]),
      expected: each(starts, 'partial'),
    };
  },
} satisfies Record<string, Plant>;

/** The high or the low, whichever is farther from the close. */
const farther = ({ high, low, close }: Bar): string =>
  Number(high) - Number(close) > Number(close) - Number(low) ? high : low;

const wrongHigh = (world: World, side: SideName, starts: readonly number[]): World =>
  onBars(world, side, starts, (bar) => [written({ ...bar, high: off(bar.high, far(first(world)), first(world)) })]);

const systematic = (kind: string): Expected => ({ systematic: kind, causes: new Map() });

/** Dates all bars of a side otherwise. */
const dated = (world: World, side: SideName, by: number): World =>
  withBars(world, side, (bars) => bars.map((bar) => ('bar' in bar ? { ...bar, at: bar.at + by * MINUTE } : bar)));

const rewritten = (world: World, side: SideName, change: (bar: Bar, i: number) => Bar): World =>
  withBars(world, side, (bars) => bars.map((bar, i) => ('bar' in bar ? { ...bar, bar: change(bar.bar, i) } : bar)));

/** A printed number times a factor, with all its digits. */
const times = (text: string, factor: number): string => {
  const value = Number((Number(text) * factor).toPrecision(12));
  return value.toFixed(14).replace(/\.?0+$/, '');
};

const path = {
  'shifted by minutes': (world, chance) => ({
    world: dated(world, either(chance), chance.pick([2, 3, 5, 7, 15, 45, 90, 1_440, 1_500]) * chance.pick([-1, 1])),
    expected: systematic('shifted'),
  }),
  'ticks a minute late': (world, chance) => {
    const side = either(chance);
    const late = first(world)[side].ticks.map((tick) => ({ ...tick, ts: tick.ts + MINUTE }));
    return { world: withPath(world, side, pathOf(late, first(world).instrument)), expected: systematic('shifted') };
  },
  'stamped on close': (world, chance) => ({
    world: dated(world, either(chance), 1),
    expected: systematic('stamped on close'),
  }),
  'another time zone': (world, chance) => ({
    world: dated(
      world,
      either(chance),
      chance.pick([60, 120, 180, 240, 300, 330, 345, 480, 540, 570]) * chance.pick([-1, 1]),
    ),
    expected: systematic('another time zone'),
  }),
  'symbols swapped': (world, chance) => {
    const mine = first(world);
    const { instrument } = mine;
    // One about as dear is the one that is taken for a matter of scale.
    const near = { ...instrument, symbol: `${instrument.symbol}2`, price: Math.round(instrument.price * 1.02) };
    const begin = world.from - AROUND * MINUTE;
    const theirs = marketOf(
      chance.pick([near, ...instruments.filter((i) => i !== instrument)]),
      begin,
      MINUTES + 2 * AROUND,
      0,
      chance,
    );
    const side = either(chance);
    const markets = [
      { ...mine, [side]: { ...mine[side], bars: theirs[side].bars } },
      { ...theirs, [side]: { ...theirs[side], bars: mine[side].bars } },
    ];
    return { world: { ...world, markets }, expected: systematic('symbols swapped') };
  },
  'prices scaled': (world, chance) => {
    const factor = chance.pick([100, 0.01, 1_000, 1.05, 10, 0.5]);
    const faulty = rewritten(world, either(chance), ({ open, high, low, close, ...bar }) => ({
      ...bar,
      open: times(open, factor),
      high: times(high, factor),
      low: times(low, factor),
      close: times(close, factor),
    }));
    return { world: faulty, expected: systematic('prices scaled') };
  },
  'volumes scaled': (world, chance) => {
    const factor = chance.pick([100, 0.01, 0.5, 10, 2, 1_000]);
    const faulty = rewritten(world, either(chance), (bar) => ({ ...bar, volume: times(bar.volume, factor) }));
    return { world: faulty, expected: systematic('volumes scaled') };
  },
  'volume is the tick count': (world, chance) => ({
    world: rewritten(world, either(chance), (bar) => ({ ...bar, volume: String(bar.n) })),
    expected: systematic('volume is the tick count'),
  }),
  'stale bars': (world, chance) => {
    const side = either(chance);
    const whole = first(world)[side].bars.flatMap((bar) => ('bar' in bar ? bar.bar : []));
    const at = chance.whole(20, 60);
    const length = chance.whole(20, 50);
    const isStale = chance.next() < 0.5 ? (i: number) => i > at && i <= at + length : (i: number) => i % 2 === 1;
    const from = (i: number): number => (isStale(i) ? from(i - 1) : i);
    return {
      world: rewritten(world, side, ({ start }, i) => ({ ...whole[from(i)]!, start })),
      expected: systematic('stale bars'),
    };
  },
  'high and low swapped': (world, chance) => ({
    world: rewritten(world, either(chance), ({ high, low, ...bar }) => ({ ...bar, high: low, low: high })),
    expected: systematic('high and low swapped'),
  }),
  'bars of two minutes': (world, chance) => {
    const side = either(chance);
    const { ticks } = first(world)[side];
    const { instrument } = first(world);
    const two = (ts: number): number => ts - (ts % (2 * MINUTE));
    const bars = [...Map.groupBy(ticks, ({ ts }) => two(ts))].map(([start, own]) => {
      // As if of one minute: a bar of them all.
      const [bar] = barsOf(
        own.map((tick) => ({ ...tick, ts: start })),
        instrument.scale,
      );
      return written({ ...bar!, start });
    });
    return { world: withBars(world, side, () => bars), expected: systematic('longer bars') };
  },
  'session missing': (world, chance) => ({
    world: withBars(world, either(chance), (bars) =>
      bars.filter((bar) => !('bar' in bar) || bar.at < world.from || bar.at >= world.to),
    ),
    expected: systematic('session missing'),
  }),
} satisfies Record<string, Plant>;

export const plants: Readonly<Record<string, Plant>> = { ...single, ...path };

/** What is no fault: equal paths, with things about them that are none. */
export const harmless: Readonly<Record<string, (world: World, chance: Chance) => World>> = {
  'nothing at all': (world) => world,
  'a gap that was closed': (world, chance) => {
    const [start] = someMinutes(world, chance, 1);
    const gaps = [{ after: start! + 1, before: start! + 40_000, open: false }];
    return withPath(world, 'candidate', { ...first(world).candidate, gaps });
  },
  'a gap in which nothing was lost': (world, chance) => {
    const [start] = someMinutes(world, chance, 1);
    const side = either(chance);
    return withPath(world, side, {
      ...first(world)[side],
      gaps: [{ after: start! + 1, before: start! + 40_000, open: true }],
    });
  },
  'bars written twice': (world, chance) =>
    onBars(world, either(chance), someMinutes(world, chance, 20), (bar) => [written(bar), written(bar)]),
  'bars that were corrected': (world, chance) => {
    // Only what says its ticks can be corrected by more of them.
    const starts = someMinutes(world, chance, 20);
    return onBars(world, 'candidate', starts, (bar) => [
      written({ ...bar, n: bar.n - 1, digest: '00000000000000aa' }),
      written({ ...bar, rev: 1 }),
    ]);
  },
  'a flat market': (world) => {
    const { instrument, candidate } = first(world);
    const flat = pathOf(
      candidate.ticks.map((tick) => ({ ...tick, price: instrument.price })),
      instrument,
    );
    return withPath(withPath(world, 'incumbent', flat), 'candidate', flat);
  },
};
