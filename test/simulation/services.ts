import { PubSubTape } from '../../src/adapters/tick-tape/pub-sub.ts';
import { BAR_STREAMS } from '../../src/domain/bar-topics.ts';
import { defaultBarOptions } from '../../src/domain/bar-options.ts';
import type { Journal } from '../../src/ports/journal.ts';
import type { Metrics } from '../../src/ports/metrics.ts';
import type { EntryStream } from '../../src/ports/entry-stream.ts';
import type { PubSub } from '../../src/ports/pub-sub.ts';
import type { RecordLog } from '../../src/ports/record-log.ts';
import type { Service } from '../../src/ports/service.ts';
import type { Spool } from '../../src/ports/spool.ts';
import type { TickTape } from '../../src/ports/tick-tape.ts';
import { CandidateBars } from '../../src/services/bars/candidate.ts';
import { IncumbentBars } from '../../src/services/bars/incumbent.ts';
import { mirror } from '../../src/services/mirror/mirror.ts';
import type { Life } from './life.ts';

/** Bars that settle within the time that a run lasts. Milliseconds. */
export const GRACE_MS = 2_000;
export const CORRECTION_MS = 20_000;
const IDLE_MS = 5_000;
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
}

/** Changes that a canary makes to how the services are put together. */
export interface Wiring {
  readonly engines?: (engines: Engines, life: Life, service: 'mirror' | 'bars') => Engines;
  readonly tape?: (tape: TickTape, life: Life) => TickTape;
}

const none = { inc: () => undefined, set: () => undefined, observe: () => undefined };
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

const tapeOptions = (service: string, instance: string, memoryBytes: number) => ({
  service,
  instance,
  pattern: 'ticks.*',
  memoryBytes,
  streamPrefix: 'v2',
  fillMarginMs: FILL_MARGIN_MS,
});

export function makeMirror(life: Life, run: number, given: Engines, setup: Setup, journal: Journal, wiring: Wiring): Service {
  const { clock } = life;
  const instance = `${life.name}-${run}`;
  const { pubsub, streams, log, spool } = wiring.engines?.(given, life, 'mirror') ?? given;
  const plain = new PubSubTape({ pubsub, streams, spool, clock }, tapeOptions('mirror', instance, setup.memoryBytes));
  const tape = wiring.tape?.(plain, life) ?? plain;
  return mirror(
    { tape, log, spool, clock, metrics: noMetrics, journal },
    { instance, batch: setup.batch, partitions: setup.partitions, retentionMs: null },
  );
}

export function makeCandidate(life: Life, given: Engines, journal: Journal, wiring: Wiring): Service {
  const { log } = wiring.engines?.(given, life, 'bars') ?? given;
  return new CandidateBars(
    { log, clock: life.clock, metrics: noMetrics, journal },
    { ...build, group: 'bars', lagLimit: 100_000 },
  );
}

export function makeIncumbent(life: Life, run: number, given: Engines, setup: Setup, journal: Journal, wiring: Wiring): Service {
  const { clock } = life;
  const instance = `${life.name}-${run}`;
  const { pubsub, streams, spool } = wiring.engines?.(given, life, 'bars') ?? given;
  const plain = new PubSubTape({ pubsub, streams, spool, clock }, tapeOptions('bars', instance, setup.memoryBytes));
  const tape = wiring.tape?.(plain, life) ?? plain;
  return new IncumbentBars(
    { tape, streams, clock, metrics: noMetrics, journal },
    { ...build, instance, streams: BAR_STREAMS, keepBars: null, batch: setup.batch },
  );
}
