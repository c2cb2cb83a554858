import { PubSubTape } from '../../src/adapters/tick-tape/pub-sub.ts';
import { defaultBarOptions } from '../../src/domain/bar/bar-options.ts';
import { BAR_STREAMS } from '../../src/domain/bar/bar-topics.ts';
import type { EntryStream } from '../../src/ports/entry-stream.ts';
import type { Journal } from '../../src/ports/journal.ts';
import type { Lease } from '../../src/ports/lease.ts';
import type { Metrics } from '../../src/ports/metrics.ts';
import type { PubSub } from '../../src/ports/pub-sub.ts';
import type { RecordLog } from '../../src/ports/record-log.ts';
import type { Service } from '../../src/ports/service.ts';
import type { Spool } from '../../src/ports/spool.ts';
import type { TickTape } from '../../src/ports/tick-tape.ts';
import { CandidateBars } from '../../src/services/bars/candidate.ts';
import { IncumbentBars } from '../../src/services/bars/incumbent.ts';
import { Mirror } from '../../src/services/mirror/mirror.ts';
import type { Sides } from '../../src/services/reconcile/reconcile.ts';
import type { KafkaServer } from './engines/kafka-server.ts';
import type { RedisServer } from './engines/redis-server.ts';
import type { Life } from './life.ts';

/** Bars that settle within the time that a run lasts. Milliseconds. */
export const GRACE_MS = 2_000;
export const CORRECTION_MS = 20_000;
export const IDLE_MS = 5_000;
const PATTERN = 'ticks.*';
const LEASE_TTL_MS = 3_000;
/** What the product's own wiring gives the tape. */
const FILL_MARGIN_MS = 30_000;

export interface Setup {
  readonly partitions: number;
  readonly memoryBytes: number;
  readonly batch: number;
}

/** What a service of one life uses: its engines, or what a canary put in their place. */
export interface Engines {
  readonly pubsub: PubSub;
  readonly streams: EntryStream;
  readonly log: RecordLog;
  readonly spool: Spool;
  readonly lease: Lease;
}

/** What a canary has at hand. */
export interface Place {
  readonly life: Life;
  readonly service: 'mirror' | 'bars' | 'candidate';
  readonly redis: RedisServer;
  readonly kafka: KafkaServer;
}

/** Changes that a canary makes to how the services are put together. */
export interface Wiring {
  readonly engines?: (engines: Engines, place: Place) => Engines;
  readonly tape?: (tape: TickTape, place: Place) => TickTape;
  readonly sides?: (sides: Sides) => Sides;
}

/** What all services are made of. */
export interface Making {
  readonly place: Place;
  /** Which run of its process this is. */
  readonly run: number;
  readonly given: Engines;
  readonly setup: Setup;
  readonly journal: Journal;
  readonly wiring: Wiring;
}

const none = { inc: () => undefined, set: () => undefined, observe: () => undefined, remove: () => undefined };
const noMetrics: Metrics = { counter: () => none, gauge: () => none, histogram: () => none };

const build = {
  bars: {
    ...defaultBarOptions,
    graceMs: GRACE_MS,
    correctionWindowMs: CORRECTION_MS,
    idleCloseMs: IDLE_MS,
  },
  nonPositive: () => false,
};

export function makeMirror(making: Making): Service {
  const { place, setup, journal } = making;
  const { clock } = place.life;
  const engines = enginesOf(making);
  const { log, spool, lease } = engines;
  const { tape, instance } = makeTape(making, engines, 'mirror');
  return new Mirror(
    { tape, log, lease, spool, clock, metrics: noMetrics, journal },
    {
      instance,
      pattern: PATTERN,
      batch: setup.batch,
      partitions: setup.partitions,
      retentionMs: null,
      leaseName: PATTERN,
      leaseTtlMs: LEASE_TTL_MS,
    },
  );
}

export function makeCandidate(making: Making): Service {
  const { log } = enginesOf(making);
  return new CandidateBars(
    { log, clock: making.place.life.clock, metrics: noMetrics, journal: making.journal },
    { ...build, group: 'bars', lagLimit: 100_000 },
  );
}

export function makeIncumbent(making: Making): Service {
  const engines = enginesOf(making);
  const { tape, instance } = makeTape(making, engines, 'bars');
  return new IncumbentBars(
    { tape, streams: engines.streams, clock: making.place.life.clock, metrics: noMetrics, journal: making.journal },
    { ...build, instance, streams: BAR_STREAMS, keepBars: null, batch: making.setup.batch },
  );
}

const enginesOf = ({ given, place, wiring }: Making): Engines => wiring.engines?.(given, place) ?? given;

function makeTape(
  { place, run, setup, wiring }: Making,
  { pubsub, streams, spool }: Engines,
  service: string,
): { tape: TickTape; instance: string } {
  const instance = `${place.life.name}-${run}`;
  const tape = new PubSubTape(
    { pubsub, streams, spool, clock: place.life.clock },
    {
      service,
      instance,
      pattern: PATTERN,
      memoryBytes: setup.memoryBytes,
      streamPrefix: 'v2',
      fillMarginMs: FILL_MARGIN_MS,
    },
  );
  return { tape: wiring.tape?.(tape, place) ?? tape, instance };
}
