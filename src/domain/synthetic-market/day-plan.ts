import { MINUTE } from '../base/timeframe.ts';
import { type Chance, poisson } from './chance.ts';
import { DAY, type DayFrame } from './day-walk.ts';
import type { Instrument } from './instrument.ts';
import { activityAt } from './sessions.ts';

const MINUTES = 1440;
/** Activity is looked up this often, in minutes. */
const STEP = 5;

/** A day of a symbol, minute by minute. */
export interface DayPlan {
  /** Log price at the beginning of each minute, and at the end of the last. */
  readonly logs: Float64Array;
  /** Standard deviation of each minute's move, in log price. */
  readonly volatility: Float64Array;
  /** Ticks in each minute. */
  readonly ticks: Int32Array;
  /** Ticks in the day before each minute. */
  readonly before: Int32Array;
  /** How much wider than at its narrowest the spread is. */
  readonly spread: Float64Array;
}

/** Plans a day (UTC, counted from 1970) so that it runs from the frame's open to its close. */
export function dayPlan(instrument: Instrument, day: number, frame: DayFrame, chance: Chance): DayPlan {
  const activity = activities(instrument, day * DAY);
  const heat = heats(instrument, activity, chance);
  const variance = variances(activity, heat, frame.volatility);
  const ticks = new Int32Array(MINUTES);
  const before = new Int32Array(MINUTES);
  const spread = new Float64Array(MINUTES);
  let sum = 0;
  for (let m = 0; m < MINUTES; m += 1) {
    const a = activity[m]!;
    before[m] = sum;
    // Trading is uneven from minute to minute, and now and then nobody has a reason to.
    const quiet = a < 0.35 && chance.next() < 0.5 * (0.35 - a);
    const mean = 60 * instrument.busyRate * a * Math.exp(0.7 * heat[m]! + 0.25 * chance.normal());
    ticks[m] = a === 0 || quiet ? 0 : poisson(chance, Math.min(mean, 6_000));
    sum += ticks[m]!;
    spread[m] = 0.75 + 0.3 / Math.sqrt(a + 0.02) + 0.35 * Math.max(0, Math.exp(heat[m]!) - 1);
  }
  return { logs: bridge(frame, variance, chance), volatility: variance.map(Math.sqrt), ticks, before, spread };
}

function activities(instrument: Instrument, start: number): Float64Array {
  const all = new Float64Array(MINUTES);
  for (let m = 0; m < MINUTES; m += STEP) all.fill(activityAt(instrument, start + m * MINUTE), m, m + STEP);
  return all;
}

/** Logarithm of how hot each minute is, relative to the hour's usual: it clusters, and news makes it leap and cool down. */
function heats({ kind }: Instrument, activity: Float64Array, chance: Chance): Float64Array {
  const all = new Float64Array(MINUTES);
  let slow = 0.35 * chance.normal();
  let fast = 0;
  let news = 0;
  for (let m = 0; m < MINUTES; m += 1) {
    slow = 0.985 * slow + 0.055 * chance.normal();
    fast = 0.8 * fast + 0.13 * chance.normal();
    news *= 0.86;
    // FX waits for figures on the half hour; crypto for anything, at any time.
    const likely = kind === 'fx' ? (m % 30 === 0 ? 0.08 : 0.0008) : 0.003;
    if (activity[m]! > 0.3 && chance.next() < likely) news += 0.6 + 0.8 * chance.next();
    all[m] = slow + fast + Math.min(news, 1.8);
  }
  return all;
}

/** Shares of the day's variance, by activity and heat; none while the market is closed. */
function variances(activity: Float64Array, heat: Float64Array, volatility: number): Float64Array {
  const all = activity.map((a, m) => (a === 0 ? 0 : a * Math.exp(1.6 * heat[m]!)));
  // Over a weekend prices move though nobody trades: the first minute makes up for it.
  for (let m = 1; m < MINUTES; m += 1)
    if (activity[m]! > 0 && activity[m - 1] === 0) all[m] = all[m]! + 60 * activity[m]!;
  const sum = all.reduce((a, b) => a + b, 0);
  return sum === 0 ? all : all.map((v) => (v / sum) * volatility ** 2);
}

/** A path from open to close with the given variance in each minute. */
function bridge({ open, close }: DayFrame, variance: Float64Array, chance: Chance): Float64Array {
  const logs = new Float64Array(MINUTES + 1);
  let left = variance.reduce((a, b) => a + b, 0);
  let log = open;
  for (let m = 0; m < MINUTES; m += 1) {
    logs[m] = log;
    const v = variance[m]!;
    if (v === 0) continue;
    const rest = Math.max(0, left - v);
    log += (close - log) * Math.min(1, v / left) + Math.sqrt((v * rest) / left) * chance.normal();
    left = rest;
  }
  logs[MINUTES] = close;
  return logs;
}
