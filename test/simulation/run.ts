import { seededRandom } from '../../src/adapters/random/seeded.ts';
import type { Fault, FaultKind } from './fault-kinds.ts';
import { inflict, makePlan } from './faults.ts';
import type { Complaint, Evidence, ParityEvidence } from './oracle/evidence.ts';
import { judge } from './oracle/judge.ts';
import { reconcileAll } from './reconciling.ts';
import { CORRECTION_MS, GRACE_MS, type Wiring } from './services.ts';
import { makeWorkload, type Workload } from './workload.ts';
import { START, World } from './world.ts';

/** What came of one run. */
export interface Outcome {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly complaints: readonly Complaint[];
  /** Equal for equal runs. */
  readonly trace: string;
  readonly fired: ReadonlyMap<FaultKind, number>;
  /** What happened, in order. */
  readonly events: readonly string[];
  readonly ticks: number;
  readonly released: number;
  readonly evidence: Evidence;
}

/** After faults and publishing have ended everything has at least this long to catch up (milliseconds). */
const SETTLE_MS = 38_000;
/** The last minute closes by the clock within this of its end. */
const CLOSES_MS = 14_000;
const MINUTE_MS = 60_000;
const STOPPING_MS = 12_000;
const RECONCILING_MS = 2_000;
/** How far a receipt may be behind beyond lag and clocks: restarts, reconnects, pauses are gaps of their own. */
const MARGIN_MS = 1_000;

const TIGHT_BYTES = 1_000_000;
const REDIS_FAULTS: ReadonlySet<FaultKind> = new Set(['redis away', 'redis stalls', 'redis write unanswered']);

export interface RunOptions {
  /** In place of the plan of the seed. */
  readonly faults?: readonly Fault[];
  readonly wiring?: Wiring;
  readonly onRelease?: (at: number, label: string) => void;
}

export function planOf(seed: number): { workload: Workload; faults: Fault[] } {
  const random = seededRandom(`plan ${seed}`);
  const workload = makeWorkload(random.fork('workload'), START);
  return { workload, faults: makePlan(random.fork('faults'), workload) };
}

/** Runs a seed from its start to the end of all processes, and judges it. */
export async function runSeed(seed: number, options: RunOptions = {}): Promise<Outcome> {
  const { workload, faults: planned } = planOf(seed);
  const faults = options.faults ?? planned;
  const world = new World(seed, workload, options.wiring ?? {});
  const { scheduler } = world;
  scheduler.onRelease = options.onRelease ?? null;
  for (const fault of faults) scheduler.at(fault.at, `fault ${fault.kind}`, () => inflict(world, fault));
  const calmAt = workload.until + 3_000;
  scheduler.at(calmAt, 'calm', () => world.calm());
  const lastMinute = Math.ceil((START + calmAt) / MINUTE_MS) * MINUTE_MS - START;
  const end = Math.max(calmAt + SETTLE_MS, lastMinute + CLOSES_MS);
  await scheduler.runUntil(end);
  let parity: readonly ParityEvidence[] | null = null;
  // detached: the schedule runs it on; a failure is an event of the run
  void reconcileAll(world, options.wiring?.sides ?? ((sides) => sides)).then(
    (said) => {
      parity = said;
    },
    (error) => world.events.push(`reconcile failed: ${error}`),
  );
  await scheduler.runUntil(end + RECONCILING_MS);
  const evidence = gather(world, workload, faults, parity);
  for (const process of world.processes) process.stop(Number.POSITIVE_INFINITY);
  await scheduler.runUntil(end + RECONCILING_MS + STOPPING_MS);
  const complaints = [...judge(evidence), ...unstopped(world)];
  return {
    seed,
    faults,
    complaints,
    trace: scheduler.trace,
    fired: world.counts,
    events: world.events,
    ticks: world.published.length,
    released: scheduler.released,
    evidence,
  };
}

/** Services that do not end when they are told to, with nothing in their way. */
const unstopped = (world: World): Complaint[] =>
  world.processes
    .filter(({ life }) => life !== null)
    .map(({ name }) => ({ kind: 'slow to stop', text: `${name} does not end when everything is calm` }));

function gather(
  world: World,
  workload: Workload,
  faults: readonly Fault[],
  parity: readonly ParityEvidence[] | null,
): Evidence {
  const { redis, kafka } = world;
  const steps = faults.filter(({ kind }) => kind === 'clock step').map(({ size }) => Math.abs(size));
  const lags = faults.filter(({ kind }) => kind === 'receipt lag').map(({ size }) => size);
  const fullDisks = new Set(faults.filter(({ kind }) => kind === 'disk full').map(({ to }) => to));
  const skewMs = steps.reduce((sum, ms) => sum + ms, 0);
  return {
    published: world.published,
    records: kafka.archive.map(({ record }) => ({
      topic: record.topic,
      partition: record.partition,
      offset: record.offset,
      key: record.key,
      value: record.value?.toString() ?? '',
      headers: new Map([...record.headers].map(([name, value]) => [name, value.toString()])),
    })),
    entries: [...redis.streams]
      .filter(([name]) => name.startsWith('stream:'))
      .flatMap(([stream, { entries }]) =>
        entries.map(({ fields }) => ({
          stream,
          fields: new Map(Object.entries(fields).map(([name, value]) => [name, value.toString()])),
        })),
      ),
    processes: world.processes.map(({ name, runs, life, service, endings, slowestStop }) => ({
      name,
      instance: life === null ? null : `${name}-${runs}`,
      alive: life !== null,
      ready: service?.readiness().ready ?? false,
      detail: service?.readiness().detail ?? 'it does not run',
      figures: service?.figures() ?? {},
      wanted: !name.startsWith('guest'),
      endings,
      slowestStop,
    })),
    parity,
    cuts: redis.cutOffs,
    gone: new Set(kafka.goneUnread.map(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`)),
    truncated: faults.some(({ kind }) => kind === 'topic truncated'),
    fullDisks,
    tight: workload.memoryBytes < TIGHT_BYTES,
    // The incumbent notes it in Redis.
    unnoted: new Set([...fullDisks, ...(faults.some(({ kind }) => REDIS_FAULTS.has(kind)) ? ['bars'] : [])]),
    fillable:
      ['all in one', 'both'].includes(workload.streams) &&
      !faults.some(({ kind }) => kind === 'stream trimmed') &&
      new Set(world.published.map(({ symbol, payload }) => `${symbol} ${payload}`)).size === world.published.length,
    jitterMs: 1_500,
    skewMs,
    marginMs: MARGIN_MS + skewMs + Math.max(2_000, ...lags),
    graceMs: GRACE_MS,
    correctionMs: CORRECTION_MS,
    maxBytes: workload.maxBytes,
  };
}
