import { MINUTE, minuteOf } from '../../src/domain/base/timeframe.ts';
import { timeOf } from '../../src/domain/tick/tick-envelope.ts';
import type { EntryStream, NewEntry } from '../../src/ports/entry-stream.ts';
import type { Random } from '../../src/ports/random.ts';
import type { NewRecord, RecordLog } from '../../src/ports/record-log.ts';

/** What can be done to a minute on its way to the candidate's bars, or (bars) on the incumbent's side. */
export const defectKinds = [
  'tick dropped',
  'tick doubled',
  'tick delayed past the minute',
  'tick delayed past the window',
  'ties swapped',
  'price altered',
  'volume altered',
  'price altered within tolerance',
  'bar missing',
  'bar doubled',
  'bar contradicted',
] as const;
export type DefectKind = (typeof defectKinds)[number];

/**
 * What reconcile must say of each: the cause (of notes on one side's versions their kind), and whether as a mismatch or as a note on an
 * agreeing bar. `either`: a missing or doubled quote changes a bar only where no other one had its price.
 */
export const expectedOf: Readonly<
  Record<DefectKind, { readonly as: 'mismatch' | 'note' | 'either'; readonly told: string }>
> = {
  'tick dropped': { as: 'either', told: 'missing ticks' },
  'tick doubled': { as: 'note', told: 'extra ticks' },
  'tick delayed past the minute': { as: 'note', told: 'late tick (corrected)' },
  'tick delayed past the window': { as: 'either', told: 'late tick' },
  'ties swapped': { as: 'mismatch', told: 'tie order' },
  'price altered': { as: 'mismatch', told: 'altered ticks' },
  'volume altered': { as: 'mismatch', told: 'altered ticks' },
  'price altered within tolerance': { as: 'note', told: 'altered ticks' },
  'bar missing': { as: 'mismatch', told: 'missing bar' },
  'bar doubled': { as: 'note', told: 'doubled bar' },
  'bar contradicted': { as: 'mismatch', told: 'doubled bar' },
};

/** A quote of the tape: its place in its minute counts from 0. */
export interface TapeQuote {
  readonly ts: number;
  readonly bid: number;
  readonly ask: number;
}

export interface Defect {
  readonly kind: DefectKind;
  /** Start of the minute. */
  readonly start: number;
  /** The tick it is done to: the one with the highest price of the minute, so that the bar shows it; or the first of two ties. */
  readonly index: number;
}

const mid = ({ bid, ask }: TapeQuote): number => (bid + ask) / 2;
/** Minutes between defects: a delayed tick must not meet another defect. */
const APART = 15 * MINUTE;

/** Chooses `each` minutes for each of these kinds; of ties as many as the tape has, at most `each`. */
export function planDefects(
  quotes: readonly TapeQuote[],
  kinds: readonly DefectKind[],
  each: number,
  random: Random,
): Defect[] {
  const minutes = [...Map.groupBy(quotes, ({ ts }) => minuteOf(ts))];
  const plan: Defect[] = [];
  const free = (start: number): boolean => plan.every((other) => Math.abs(other.start - start) >= APART);
  for (const kind of kinds) {
    // Not the tape's first minute: before it there is nothing that shows that it was seen whole.
    const usable = minutes.slice(1).flatMap(([start, ticks]) => {
      const index = kind === 'ties swapped' ? swappable(ticks) : highest(ticks);
      return index === null ? [] : [{ kind, start, index }];
    });
    for (let chosen = 0; chosen < each && usable.length > 0; ) {
      const [defect] = usable.splice(random.int(usable.length), 1);
      if (!free(defect!.start)) continue;
      plan.push(defect!);
      chosen += 1;
    }
  }
  return plan;
}

/** The tick with the highest price, in a minute with some ticks. */
function highest(ticks: readonly TapeQuote[]): number | null {
  const prices = ticks.map(mid);
  return ticks.length >= 8 ? prices.indexOf(Math.max(...prices)) : null;
}

/** The first of the minute's last two ticks, where they have one time and their order decides what it closes at; else null. */
function swappable(ticks: readonly TapeQuote[]): number | null {
  const last = ticks.length - 1;
  if (last < 2 || ticks[last]!.ts !== ticks[last - 1]!.ts || ticks[last - 2]!.ts === ticks[last]!.ts) return null;
  // Two middles may differ by no more than their last bit.
  return Math.abs(mid(ticks[last]!) - mid(ticks[last - 1]!)) < 1e-9 ? null : last - 1;
}

const changed = (payload: Buffer, change: (tick: { bid: number; ask: number; volume?: number }) => void): Buffer => {
  const tick = JSON.parse(payload.toString());
  change(tick);
  return Buffer.from(JSON.stringify(tick));
};

/** A record log that does these defects to the ticks that are appended to it. */
export function defectiveLog(inner: RecordLog, plan: readonly Defect[]): { log: RecordLog; netLost(): number } {
  const byMinute = new Map(plan.map((defect) => [defect.start, defect]));
  const seen = new Map<number, number>();
  let held: { record: NewRecord; until: number }[] = [];
  let swapped: NewRecord | null = null;
  let lost = 0;

  function pass(record: NewRecord): NewRecord[] {
    const ts = timeOf(record.value!)!;
    const start = minuteOf(ts);
    const index = seen.get(start) ?? 0;
    seen.set(start, index + 1);
    const due = held.filter(({ until }) => ts >= until).map((each) => each.record);
    if (due.length > 0) held = held.filter(({ until }) => ts < until);
    return [...through(record, byMinute.get(start), index), ...due];
  }

  function through(record: NewRecord, defect: Defect | undefined, index: number): NewRecord[] {
    if (swapped !== null) {
      const first = swapped;
      swapped = null;
      return [record, first];
    }
    if (defect === undefined || defect.index !== index) return [record];
    const value = record.value!;
    const end = defect.start + MINUTE;
    switch (defect.kind) {
      case 'tick dropped':
        lost += 1;
        return [];
      case 'tick doubled':
        lost -= 1;
        return [record, record];
      case 'tick delayed past the minute':
        held.push({ record, until: end + 40_000 });
        return [];
      case 'tick delayed past the window':
        held.push({ record, until: end + 10 * MINUTE });
        return [];
      case 'ties swapped':
        swapped = record;
        return [];
      case 'price altered':
        return [{ ...record, value: changed(value, (tick) => (tick.ask = Number((tick.ask + 0.001).toFixed(5)))) }];
      case 'price altered within tolerance':
        return [{ ...record, value: changed(value, (tick) => (tick.ask = Number((tick.ask + 0.00002).toFixed(5)))) }];
      case 'volume altered':
        return [{ ...record, value: changed(value, (tick) => (tick.volume = 5)) }];
      default:
        return [record];
    }
  }

  const append: RecordLog['append'] = (records) =>
    inner.append(records.flatMap((record) => (record.topic.startsWith('ticks.EURUSD') ? pass(record) : [record])));
  return { log: { ...methodsOf(inner), append }, netLost: () => lost };
}

/** Streams that do these defects to the incumbent's bars. */
export function defectiveStreams(inner: EntryStream, plan: readonly Defect[]): EntryStream {
  const byMinute = new Map(plan.map((defect) => [defect.start, defect.kind]));
  const through = (entry: NewEntry): NewEntry[] => {
    if (!/^stream:bar:1m:/.test(entry.stream)) return [entry];
    const kind = byMinute.get(Number(entry.fields.ts) * 1_000);
    if (kind === 'bar missing') return [];
    if (kind === 'bar doubled') return [entry, entry];
    if (kind === 'bar contradicted')
      return [entry, { ...entry, fields: { ...entry.fields, high: String(Number(entry.fields.high) + 0.01) } }];
    return [entry];
  };
  return { ...methodsOf(inner), append: (entries) => inner.append(entries.flatMap(through)) };
}

/** The methods of an object of a class, for one of which another is put in place. */
function methodsOf<T extends object>(inner: T): T {
  return new Proxy({} as T, {
    ownKeys: () => [...new Set([...Reflect.ownKeys(inner), ...Reflect.ownKeys(Object.getPrototypeOf(inner))])],
    getOwnPropertyDescriptor: (_, key) => ({
      value: bound(inner, key),
      enumerable: key !== 'constructor',
      configurable: true,
    }),
    get: (_, key) => bound(inner, key),
  });
}

function bound<T extends object>(inner: T, key: PropertyKey): unknown {
  const value: unknown = Reflect.get(inner, key);
  return typeof value === 'function' ? value.bind(inner) : value;
}
