import { countedRecords } from './epochs.ts';
import type { Complaint, Evidence, Published, Record } from './evidence.ts';
import { type Acquaintance, excused, type Gap, stranger } from './gaps.ts';

/**
 * Holds the topics of ticks against what was published: each tick once, in order of its symbol, or in an open gap, or refused with a reason.
 * `unknown`: records of a former holder that the next one did not know of. What that one brings of a gap before them stands behind them.
 */
export function judgeTape(
  evidence: Evidence,
  gaps: readonly Gap[],
  log: ReadonlyMap<string, readonly Record[]>,
  unknown: ReadonlySet<Record>,
): Complaint[] {
  const complaints: Complaint[] = [];
  const symbols = new Set([...evidence.published.map(({ symbol }) => symbol), ...log.keys()]);
  for (const symbol of [...symbols].sort()) {
    const published = evidence.published.filter((tick) => tick.symbol === symbol);
    const records = log.get(symbol) ?? [];
    const refused = refusedTicks(evidence, symbol);
    complaints.push(...judgeSymbol(symbol, published, records, refused, gaps, unknown, evidence));
  }
  return complaints;
}

/** What of a symbol the mirror brought to the place of refused ticks: their bytes, or the first of them. */
function refusedTicks({ records }: Evidence, symbol: string): string[] {
  const ofMirrors = records.filter(
    ({ topic, headers }) => topic === 'ticks.rejected' && headers.get('service') === 'mirror',
  );
  return countedRecords(ofMirrors)
    .filter(({ headers }) => headers.get('source') === `ticks.${symbol}` && headers.get('reason') !== undefined)
    .map(({ value }) => value);
}

function judgeSymbol(
  symbol: string,
  all: readonly Published[],
  taken: readonly Record[],
  refused: readonly string[],
  gaps: readonly Gap[],
  unknown: ReadonlySet<Record>,
  evidence: Evidence,
): Complaint[] {
  const complaints: Complaint[] = [];
  const records = taken.map(({ value }) => value);
  const met = acquaintance(taken[0]);
  const left = [...all];
  for (const start of refused) {
    // Of equal ones, first those that may not be missing.
    const equal = [...left.keys()].filter((i) => left[i]!.payload.startsWith(start));
    const at = equal.find((i) => !excused(left[i]!, gaps, met, evidence)) ?? equal[0] ?? -1;
    const payload = left[at]?.payload ?? '';
    if (at !== -1 && Buffer.byteLength(payload) <= evidence.maxBytes && !collides(symbol, evidence))
      complaints.push({ kind: 'refused for nothing', text: `${symbol}: ${short(payload)}` });
    if (at === -1)
      complaints.push({
        kind: 'refused twice',
        text: `${symbol}: refused twice, or published by nobody: ${short(start)}`,
      });
    else left.splice(at, 1);
  }
  const mayLack = left.map((tick) => excused(tick, gaps, met, evidence));
  const wanted = Map.groupBy(left.keys(), (i) => left[i]!.payload);
  const found = Map.groupBy(records.keys(), (i) => records[i]!);
  for (const [payload, places] of found) {
    const most = wanted.get(payload)?.length ?? 0;
    if (most === 0)
      complaints.push({ kind: 'published by nobody', text: `${symbol}: ${short(payload)} at ${places.length} places` });
    else if (places.length > most)
      complaints.push({
        kind: 'doubled',
        text: `${symbol}: ${places.length} times instead of ${most}: ${short(payload)}`,
      });
  }
  for (const [payload, places] of wanted) {
    const missing = places.length - (found.get(payload)?.length ?? 0);
    if (missing <= places.filter((i) => mayLack[i]).length) continue;
    complaints.push({
      kind: 'lost',
      text: `${symbol}: ${missing} of ${places.length} lost silently: ${short(payload)} published at ${new Date(left[places[0]!]!.at).toISOString()}`,
    });
  }
  const apart = new Set(taken.filter((record) => unknown.has(record)).map(({ value }) => value));
  const known = taken.filter((record) => !unknown.has(record)).map(({ value }) => value);
  const mayStandApart = left.map(({ payload }, i) => mayLack[i]! || apart.has(payload));
  if (complaints.length === 0 && !follows(left, mayStandApart, known))
    complaints.push({
      kind: 'out of order',
      text: `${symbol}: the topic does not hold its ticks in the order in which they were published`,
    });
  return complaints;
}

/** A symbol whose first record was filled in was met in the gap that it fills, before that was over, and after those before it. */
function acquaintance(first: Record | undefined): Acquaintance {
  if (first === undefined) return stranger;
  const received = Number(first.headers.get('received'));
  return { since: first.headers.get('instance')?.endsWith('-fill') ? received - 1 : received };
}

/** Kafka has no two topics whose names differ only in dots and underscores. */
const collides = (symbol: string, { published }: Evidence): boolean =>
  published.some((tick) => tick.symbol !== symbol && tick.symbol.replaceAll('.', '_') === symbol.replaceAll('.', '_'));

/** Whether the records are the published ticks in order, save for some that may be missing. Equal payloads may stand for one another. */
function follows(published: readonly Published[], mayLack: readonly boolean[], records: readonly string[]): boolean {
  let reached = new Set([0]);
  published.forEach(({ payload }, i) => {
    const next = new Set<number>();
    for (const at of reached) {
      if (records[at] === payload) next.add(at + 1);
      if (mayLack[i]) next.add(at);
    }
    reached = next;
  });
  return reached.has(records.length);
}

const short = (payload: string): string => (payload.length > 120 ? `${payload.slice(0, 120)}…` : payload);
