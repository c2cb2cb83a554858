import { barsOf, candidateBars, incumbentBars, judgeBars, uncertainMinutes } from './bars.ts';
import { countedRecords, unknownRecords } from './epochs.ts';
import type { Complaint, Evidence, ProcessEvidence, Record } from './evidence.ts';
import { implausible, incumbentGaps, mirrorGaps } from './gaps.ts';
import { leftOpen } from './open-gaps.ts';
import { judgeParity } from './parity.ts';
import { judgeTape } from './tape.ts';

const TICKS = /^ticks\.(?!rejected$)(.+)$/;
/** A service ends within ten seconds of being told to. */
const STOP_MS = 10_000;

/** Everything that is wrong with a run. */
export function judge(evidence: Evidence): Complaint[] {
  const log = new Map<string, Record[]>();
  const unknown = new Set<Record>();
  for (const [topic, records] of Map.groupBy(evidence.records, (record) => record.topic)) {
    const symbol = TICKS.exec(topic)?.[1];
    if (symbol === undefined) continue;
    log.set(symbol, countedRecords(records));
    for (const record of unknownRecords(records)) unknown.add(record);
  }
  const gaps = mirrorGaps(evidence);
  return [
    ...evidence.processes.flatMap(judgeProcess),
    ...judgeTape(evidence, gaps, log, unknown),
    ...implausible(gaps, evidence),
    ...leftOpen(gaps, missingTicks(evidence, log), evidence),
    ...judgeCandidate(evidence, log),
    ...judgeIncumbent(evidence),
    ...judgeParity(evidence),
  ];
}

/** What was published and is in no topic of ticks. */
function missingTicks({ published }: Evidence, log: ReadonlyMap<string, readonly Record[]>): Evidence['published'] {
  const found = new Set([...log].flatMap(([symbol, records]) => records.map(({ value }) => `${symbol} ${value}`)));
  return published.filter(({ symbol, payload }) => !found.has(`${symbol} ${payload}`));
}

function judgeProcess({
  name,
  alive,
  ready,
  detail,
  figures,
  wanted,
  endings,
  slowestStop,
}: ProcessEvidence): Complaint[] {
  const complaints: Complaint[] = [];
  for (const { how, at, error } of endings)
    if (how === 'failed' || how === 'ended by itself')
      complaints.push({ kind: 'stopped', text: `${name} ${how} after ${(at / 1000).toFixed(3)} s: ${error}` });
  if (slowestStop > STOP_MS) complaints.push({ kind: 'slow to stop', text: `${name} did not end within ten seconds` });
  if (!wanted) return complaints;
  if (!alive || !ready) complaints.push({ kind: 'not caught up', text: `${name} is not ready at the end: ${detail}` });
  else if (figures.role !== 'standby' && Number(figures.waiting ?? 0) > 0)
    complaints.push({ kind: 'not caught up', text: `${name} still has ${figures.waiting} ticks waiting at the end` });
  return complaints;
}

function judgeCandidate(evidence: Evidence, log: ReadonlyMap<string, readonly Record[]>): Complaint[] {
  const found = candidateBars(evidence);
  return [...new Set([...log.keys(), ...found.keys()])].flatMap((symbol) => {
    const records = log.get(symbol) ?? [];
    const wanted = barsOf(
      records.map(({ value }) => value),
      evidence,
    );
    // Of what was gone before it was read nobody can build a bar.
    const unread = records.filter(({ topic, partition, offset }) =>
      evidence.gone.has(`${topic}/${partition}@${offset}`),
    );
    const gone = new Set(
      barsOf(
        unread.map(({ value }) => value),
        evidence,
      ).keys(),
    );
    return judgeBars('candidate', symbol, wanted, found.get(symbol) ?? new Map(), (start) => gone.has(start));
  });
}

function judgeIncumbent(evidence: Evidence): Complaint[] {
  const gaps = incumbentGaps(evidence);
  const found = incumbentBars(evidence);
  const symbols = new Set([...evidence.published.map(({ symbol }) => symbol), ...found.keys()]);
  const complaints = [...symbols].flatMap((symbol) => {
    const ticks = evidence.published.filter((tick) => tick.symbol === symbol);
    const wanted = barsOf(
      ticks.map(({ payload }) => payload),
      evidence,
    );
    const uncertain = uncertainMinutes(ticks, gaps, evidence);
    return judgeBars('incumbent', symbol, wanted, found.get(symbol) ?? new Map(), (start) => uncertain.has(start));
  });
  return [...implausible(gaps, evidence), ...complaints];
}
