import type { Complaint, Evidence, Published } from './evidence.ts';
import { excused, type Gap, stranger } from './gaps.ts';
import { millionths, readTick } from './tick.ts';

const MINUTE = 60_000;

/** The figures of a bar. */
export interface Figures {
  open: number;
  high: number;
  low: number;
  close: number;
  /** In millionths. */
  volume: bigint;
  n: number;
}

interface Building extends Figures {
  openTs: number;
  closeTs: number;
}

/** The one-minute bars of payloads in their order, by start (epoch milliseconds). One that comes too late for its minute is in none. */
export function barsOf(
  payloads: readonly string[],
  { graceMs, correctionMs }: Pick<Evidence, 'graceMs' | 'correctionMs'>,
): Map<number, Figures> {
  const bars = new Map<number, Building>();
  let watermark = Number.NEGATIVE_INFINITY;
  for (const payload of payloads) {
    const tick = readTick(payload);
    if (tick === null) continue;
    const { ts, price, volume } = tick;
    const start = Math.floor(ts / MINUTE) * MINUTE;
    if (watermark >= start + MINUTE + graceMs + correctionMs) continue;
    watermark = Math.max(watermark, ts);
    const known = bars.get(start);
    if (known === undefined) {
      bars.set(start, { open: price, high: price, low: price, close: price, volume, n: 1, openTs: ts, closeTs: ts });
      continue;
    }
    if (ts < known.openTs) Object.assign(known, { openTs: ts, open: price });
    if (ts >= known.closeTs) Object.assign(known, { closeTs: ts, close: price });
    known.high = Math.max(known.high, price);
    known.low = Math.min(known.low, price);
    known.volume += volume;
    known.n += 1;
  }
  return bars;
}

/** The bars that the candidate has written, of each the version that counts: by symbol and start. */
export function candidateBars({ records }: Evidence): Map<string, Map<number, Figures>> {
  const sides = new Map<string, Map<number, Figures>>();
  for (const { topic, value } of records) {
    const symbol = /^bars\.(.+)\.1m$/.exec(topic)?.[1];
    if (symbol === undefined) continue;
    const { ts, o, h, l, c, n } = JSON.parse(value) as {
      ts: number;
      o: number;
      h: number;
      l: number;
      c: number;
      n: number;
    };
    // With all its digits, which a number would lose.
    const volume = /"v":([0-9.]+)/.exec(value)?.[1] ?? '0';
    add(sides, symbol, ts * 1000, { open: o, high: h, low: l, close: c, volume: millionths(volume), n });
  }
  return sides;
}

/** The same of the incumbent. */
export function incumbentBars({ entries }: Evidence): Map<string, Map<number, Figures>> {
  const sides = new Map<string, Map<number, Figures>>();
  for (const { stream, fields } of entries) {
    const symbol = /^stream:bar:1m:(.+)$/.exec(stream)?.[1];
    if (symbol === undefined) continue;
    const number = (name: string): number => Number(fields.get(name));
    add(sides, symbol, number('ts') * 1000, {
      open: number('open'),
      high: number('high'),
      low: number('low'),
      close: number('close'),
      volume: millionths(fields.get('volume') ?? '0'),
      n: number('n'),
    });
  }
  return sides;
}

function add(sides: Map<string, Map<number, Figures>>, symbol: string, start: number, figures: Figures): void {
  const bars = sides.get(symbol) ?? new Map<number, Figures>();
  sides.set(symbol, bars);
  // A bar is written anew after a crash, and by a former owner of a partition: the one of the most ticks counts, of such the last.
  if (figures.n >= (bars.get(start)?.n ?? 0)) bars.set(start, figures);
}

/** Holds the bars of one side against what they must be. `may`: minutes about which nothing can be said. */
export function judgeBars(
  side: string,
  symbol: string,
  wanted: ReadonlyMap<number, Figures>,
  found: ReadonlyMap<number, Figures>,
  may: (start: number) => boolean = () => false,
): Complaint[] {
  const complaints: Complaint[] = [];
  const name = (start: number): string => `${side} ${symbol} ${new Date(start).toISOString()}`;
  for (const [start, bar] of wanted) {
    const other = found.get(start);
    if (may(start)) {
      if (other !== undefined && other.n > bar.n)
        complaints.push({
          kind: 'bar wrong',
          text: `${name(start)} has ${other.n} ticks, of ${bar.n} that there were`,
        });
    } else if (other === undefined) complaints.push({ kind: 'bar missing', text: `${name(start)} of ${bar.n} ticks` });
    else if (text(other) !== text(bar))
      complaints.push({ kind: 'bar wrong', text: `${name(start)} is ${text(other)} instead of ${text(bar)}` });
  }
  for (const [start, bar] of found)
    if (!wanted.has(start)) complaints.push({ kind: 'bar of nothing', text: `${name(start)}: ${text(bar)}` });
  return complaints;
}

const text = ({ open, high, low, close, volume, n }: Figures): string =>
  `o=${open} h=${high} l=${low} c=${close} v=${volume} n=${n}`;

/** Minutes of a symbol in which the incumbent may lack ticks. */
export function uncertainMinutes(ticks: readonly Published[], gaps: readonly Gap[], evidence: Evidence): Set<number> {
  const uncertain = new Set<number>();
  for (const tick of ticks) {
    const ts = readTick(tick.payload)?.ts;
    if (ts !== undefined && excused(tick, gaps, stranger, evidence)) uncertain.add(Math.floor(ts / MINUTE) * MINUTE);
  }
  return uncertain;
}
