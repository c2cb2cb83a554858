import type { Chance } from './chance.ts';
import type { Instrument } from './instrument.ts';

/** A tick of the synthetic market, in wire form. */
export interface MarketTick {
  readonly symbol: string;
  readonly payload: Buffer;
  /** Epoch milliseconds. */
  readonly tsMs: number;
}

/** What a minute of a symbol must fit. */
export interface MinuteFrame {
  /** Epoch milliseconds. */
  readonly start: number;
  /** Log price at both ends. */
  readonly open: number;
  readonly close: number;
  /** Standard deviation of the minute's move, in log price. */
  readonly volatility: number;
  /** How many ticks. */
  readonly ticks: number;
  /** How much wider than at its narrowest the spread is. */
  readonly spread: number;
  /** Number of the minute's first trade. */
  readonly firstId: number;
}

const PAD = Array.from({ length: 1000 }, (_, ms) => String(ms).padStart(3, '0'));

/** The ticks of a minute, in time order; several may share a millisecond. */
export function minuteTicks(instrument: Instrument, frame: MinuteFrame, chance: Chance): MarketTick[] {
  const { times, shares } = arrivals(instrument, frame.ticks, chance);
  const mids = path(instrument, frame, shares, chance);
  const line =
    instrument.size === undefined
      ? quotes(instrument, frame, mids, chance)
      : trades(instrument, instrument.size, frame, mids, chance);
  // One buffer for the whole minute: a buffer for each tick would cost more than all the rest.
  let text = '';
  const ends = new Int32Array(frame.ticks);
  const second = frame.start / 1000;
  for (let i = 0; i < frame.ticks; i += 1) {
    const t = times[i]!;
    text += line(i, `${second + Math.floor(t / 1000)}.${PAD[t % 1000]}`);
    ends[i] = text.length;
  }
  const bytes = Buffer.from(text, 'latin1');
  return Array.from(times, (t, i) => ({
    symbol: instrument.symbol,
    payload: bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]),
    tsMs: frame.start + t,
  }));
}

interface Arrivals {
  /** Milliseconds into the minute, rising. */
  readonly times: Int32Array;
  /** Share of the minute's trading between each tick and the one before. */
  readonly shares: Float64Array;
}

/** Waiting times are exponential, and now and then a burst makes them a fraction of that. */
function arrivals({ kind }: Instrument, n: number, chance: Chance): Arrivals {
  const short = kind === 'fx' ? 0.15 : 0.02;
  const gaps = new Float64Array(n);
  let burst = false;
  let total = -Math.log(1 - chance.next());
  for (let i = 0; i < n; i += 1) {
    const turn = chance.next();
    burst = burst ? turn > 0.15 : turn < 0.04;
    gaps[i] = -Math.log(1 - chance.next()) * (burst ? short : 1);
    total += gaps[i]!;
  }
  const times = new Int32Array(n);
  let sum = 0;
  for (let i = 0; i < n; i += 1) {
    const gap = gaps[i]! / total;
    sum += gap;
    times[i] = Math.min(59_999, Math.floor(sum * 60_000));
    // Prices move with time and with trading alike.
    gaps[i] = 0.5 * gap + 0.5 / (n + 1);
  }
  return { times, shares: gaps };
}

/** Mid prices in tick sizes: a bridge from the minute's open to its close. */
function path(
  { decimals }: Instrument,
  { open, close, volatility, ticks }: MinuteFrame,
  shares: Float64Array,
  chance: Chance,
): Float64Array {
  const scale = 10 ** decimals;
  const end = Math.exp(close) * scale;
  let mid = Math.exp(open) * scale;
  const sd = volatility * mid;
  const mids = new Float64Array(ticks);
  let left = 1;
  for (let i = 0; i < ticks; i += 1) {
    const share = shares[i]!;
    const rest = Math.max(0, left - share);
    mid += (end - mid) * Math.min(1, share / left) + sd * Math.sqrt((share * rest) / left) * chance.normal();
    mids[i] = mid;
    left = rest;
  }
  return mids;
}

type LineAt = (i: number, ts: string) => string;

function quotes(
  { symbol, decimals, spread }: Instrument,
  frame: MinuteFrame,
  mids: Float64Array,
  chance: Chance,
): LineAt {
  const price = priceText(decimals);
  let lastBid = 0;
  let lastAsk = 0;
  return (i, ts) => {
    const width = Math.max(1, Math.round(spread * frame.spread * (0.8 + 0.5 * chance.next() ** 3)));
    let bid = Math.round(mids[i]! - width / 2);
    let ask = bid + width;
    // A feed sends a quote when something about it changes.
    if (bid === lastBid && ask === lastAsk) {
      if (chance.next() < 0.5) bid -= 1;
      else ask += 1;
    }
    lastBid = bid;
    lastAsk = ask;
    return `{"symbol":"${symbol}","ts":${ts},"bid":${price(bid)},"ask":${price(ask)}}`;
  };
}

function trades(
  { symbol, decimals, spread }: Instrument,
  size: NonNullable<Instrument['size']>,
  frame: MinuteFrame,
  mids: Float64Array,
  chance: Chance,
): LineAt {
  const price = priceText(decimals);
  const volume = priceText(size.decimals);
  const median = size.median * 10 ** size.decimals;
  let buy = chance.next() < 0.5;
  let mid = mids[0] ?? 0;
  return (i, ts) => {
    // Buyers and sellers come in runs; most trades hit the same level as the one before.
    const turn = chance.next();
    if (turn < 0.22) buy = !buy;
    if (turn < 0.5) mid = mids[i]!;
    const at = Math.round(mid) + (buy ? spread : 0);
    const units = Math.max(1, Math.round(median * Math.exp(1.4 * chance.normal())));
    return `{"symbol":"${symbol}","ts":${ts},"price":${price(at)},"volume":${volume(units)},"side":"${buy ? 'buy' : 'sell'}","id":"${frame.firstId + i}"}`;
  };
}

const FRACTIONS = new Map<number, readonly string[]>();

/** Writes a whole number of units of the last decimal, faster than toFixed. */
function priceText(decimals: number): (units: number) => string {
  const scale = 10 ** decimals;
  let fractions = FRACTIONS.get(decimals);
  if (fractions === undefined) {
    fractions = Array.from({ length: scale }, (_, f) => String(f).padStart(decimals, '0'));
    FRACTIONS.set(decimals, fractions);
  }
  const known = fractions;
  return (units) => `${Math.floor(units / scale)}.${known[units % scale]}`;
}
