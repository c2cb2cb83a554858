import { setTimeout as sleep } from 'node:timers/promises';
import { Acts } from './acts.ts';
import { Book } from './book.ts';
import type { Evidence } from './evidence.ts';
import { gapTexts } from './gap-records.ts';
import { incumbentsWord } from './incumbent-streams.ts';
import { Publisher } from './publisher.ts';
import { cutOffs } from './redis-process.ts';
import { Rig } from './rig.ts';
import type { Scenario } from './scenario.ts';

const MINUTE_MS = 60_000;
/** What a process may take to subscribe on a busy machine. */
const SLOW_START_MS = 60_000;
const TICK_TOPICS = String.raw`ticks\.(?!rejected$).+`;
const BAR_TOPICS = String.raw`bars\..+\.1m`;
/** A symbol whose last tick tells that what was published before it has passed. */
const LAST = 'LAST-OF-ALL';

/** What is done between the end of the run and the reading, for the trial of the judge itself. */
export type Plant = (rig: Rig) => Promise<void>;

/** Plays a scenario on engines of its own; resolves with what was published and what was on the wire when all had settled. */
export async function play(scenario: Scenario, say: (line: string) => void, plant?: Plant): Promise<Evidence> {
  const rig = await Rig.start();
  try {
    return await playOn(rig, scenario, say, plant);
  } finally {
    await rig.dispose();
  }
}

async function playOn(rig: Rig, scenario: Scenario, say: (line: string) => void, plant?: Plant): Promise<Evidence> {
  const { pair, candidate, incumbent, early, publishMs, acts: planned, memoryMb } = scenario;
  const memory = { TAPE_MEMORY_MB: String(memoryMb) };
  const mirrors = (pair ? ['mirror-a', 'mirror-b'] : ['mirror-a']).map((name) => rig.product(name, ['mirror'], memory));
  if (candidate) rig.product('candidate', ['bars', '--source', 'kafka']);
  if (incumbent) rig.product('incumbent', ['bars', '--source', 'redis'], memory);
  const began = Date.now();
  for (const process of rig.processes) process.start();
  const subscribers = mirrors.length + (incumbent ? 1 : 0);
  const subscribed = early ? false : await rig.subscribed(subscribers, 60_000);
  if (!early && !subscribed) say('not every process subscribed within a minute');

  const book = new Book();
  const publishers = publishersOf(rig, scenario, book);
  const acts = new Acts(rig, publishers);
  acts.happenings.push({
    kind: 'begin',
    target: 'all',
    from: began,
    to: Date.now() + (subscribed ? 0 : SLOW_START_MS),
  });
  for (const publisher of publishers) publisher.start();
  const begun = performance.now();
  const doing = planned.map(async (act) => {
    await sleep(act.at);
    await acts.do(act);
  });
  const results = Promise.allSettled(doing);
  await sleep(publishMs);
  // On a busy machine engines take long to come back: less is published meanwhile.
  for (const publisher of publishers) publisher.steady([], Math.min(200, scenario.perSecond / publishers.length));
  for (const outcome of await results) if (outcome.status === 'rejected') say(`an act failed: ${outcome.reason}`);
  for (const publisher of publishers) publisher.steady([], 0);
  say(`published ${book.ticks.length} in ${Math.round((performance.now() - begun) / 1000)} s`);
  for (const process of rig.processes) process.start();
  if (!(await rig.subscribed(subscribers, 30_000))) say('not every process subscribed again within 30 s');
  publishers[0]!.now(LAST);
  await Promise.all(publishers.map((publisher) => publisher.end()));
  await settled(rig, book, say);
  await plant?.(rig);

  const ticks = await rig.reader.read(TICK_TOPICS);
  const rejected = await rig.reader.read(String.raw`ticks\.rejected`);
  const lastMinute = Math.max(...book.ticks.slice(-1_000).map(({ ts }) => ts - (ts % MINUTE_MS)));
  if (candidate || incumbent) await barsSettled(rig, lastMinute, candidate, say);
  const bars = candidate ? await rig.reader.read(BAR_TOPICS) : null;
  const gaps = gapTexts(await rig.reader.read(String.raw`mirror\.gaps`));
  const own = incumbent ? await incumbentsWord(rig.redis.port) : null;
  return {
    published: book.ticks,
    ticks,
    rejected,
    gaps,
    bars,
    incumbentBars: own?.bars ?? null,
    incumbentGaps: own?.gaps ?? [],
    happenings: acts.happenings,
    ends: rig.processes.flatMap(({ ends }) => ends),
    askedEnds: acts.askedEnds,
    mayBeRefused: new Set(scenario.colliding),
    cutOffs: cutOffs(await rig.redis.log()),
  };
}

function publishersOf(rig: Rig, scenario: Scenario, book: Book): Publisher[] {
  const { publishers: count, seed, streams, symbols, shared, perSecond, forgetsEvery, publishMs } = scenario;
  // So far behind that the last minute of event time is over when publishing ends.
  const behindMs = scenario.behind ? (Date.now() + publishMs + 1_000) % MINUTE_MS : 0;
  return Array.from({ length: count }, (_, number) => {
    const made = new Publisher(rig.redis.port, book, {
      number,
      seed: seed + number * 7_919,
      streams,
      behindMs,
      forgetsEvery,
    });
    const own = symbols.filter((_symbol, i) => i % count === number);
    made.steady(shared === null ? own : [...own, shared], perSecond / count);
    return made;
  });
}

/** Waits until the last tick is in Kafka and nothing more comes; three minutes at most. */
async function settled(rig: Rig, book: Book, say: (line: string) => void): Promise<void> {
  const begun = performance.now();
  let before = -1;
  let quietSince = performance.now();
  for (; performance.now() - begun < 180_000; await sleep(1_000)) {
    const all = await rig.reader.ends(TICK_TOPICS);
    if (all !== before) quietSince = performance.now();
    before = all;
    const quiet = performance.now() - quietSince;
    if (quiet < 4_000) continue;
    // Others may come after the last one: ticks of topics that are only being made, on a busy machine. What is lost must not hold the judge up for ever.
    const isLast = (await rig.reader.ends(`ticks\\.${LAST}`)) >= 1;
    if ((isLast && (all >= book.ticks.length || quiet > 20_000)) || quiet > 45_000) return;
  }
  say(`not settled after three minutes: ${before} of ${book.ticks.length} in Kafka`);
}

/** Waits until the last minute is over and no more bars come; two minutes at most. */
async function barsSettled(
  rig: Rig,
  lastMinute: number,
  candidate: boolean,
  say: (line: string) => void,
): Promise<void> {
  // Grace and the closing of quiet minutes take some seconds more.
  await sleep(Math.max(0, Math.min(90_000, lastMinute + MINUTE_MS + 7_000 - Date.now())));
  const begun = performance.now();
  let before = -1;
  let quietSince = performance.now();
  for (; performance.now() - begun < 120_000; await sleep(1_000)) {
    const all = candidate ? await rig.reader.ends(BAR_TOPICS) : 0;
    if (all !== before) quietSince = performance.now();
    before = all;
    if (performance.now() - quietSince > 8_000) return;
  }
  say('bars were still being written after two minutes');
}
