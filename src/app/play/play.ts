import { PulseError } from '../../domain/errors/errors.ts';
import type { Service } from '../../ports/service.ts';
import type { TickSource } from '../../ports/tick-source.ts';
import { feed } from '../../services/feed/feed.ts';
import { makeCandidate, makeIncumbent } from '../wiring/bars.ts';
import { makeMirror } from '../wiring/mirror.ts';
import type { PathNeeds } from '../wiring/path-needs.ts';
import { inStep } from './in-step.ts';

/** What became of a tape that was played through both paths. */
export interface PlayResult {
  /** Ticks that the source gave. */
  readonly published: number;
  readonly mirrored: number;
  readonly candidateTicks: number;
  readonly incumbentTicks: number;
  /** Bars written, corrections included. */
  readonly candidateBars: number;
  readonly incumbentBars: number;
  /** False when ticks or open bars were left when nothing moved any more. */
  readonly complete: boolean;
  readonly seconds: number;
}

export interface PlayOptions {
  /** Needs of the mirror, where they differ: a demonstration cuts it off. */
  readonly mirror?: Partial<PathNeeds>;
  /** Ticks that the mirror will never get. */
  readonly missed?: () => number;
  /** Ticks that may be on their way at once, where memory matters more than speed; absent: any number. */
  readonly mostAhead?: number;
  readonly onProgress?: (share: number | null, published: number) => void;
}

/** By the clock, how soon what is over is closed once the tape has ended. */
const IDLE_CLOSE_MS = 1_000;
/** How long nothing may move before the run is taken to be stuck. */
const STALL_MS = 30_000;

/** Plays a source at its own pace, or as fast as it is taken, through mirror, candidate and incumbent, until all of it stands in bars. */
export async function play(
  needs: PathNeeds,
  source: TickSource,
  options: PlayOptions,
  signal: AbortSignal,
): Promise<PlayResult> {
  const { clock, engines, metrics, values } = needs;
  const quick: PathNeeds = {
    ...needs,
    values: { ...values, idleCloseMs: Math.min(values.idleCloseMs, IDLE_CLOSE_MS) },
  };
  const stop = new AbortController();
  const mirror = await makeMirror({ ...quick, ...options.mirror });
  const candidate = await makeCandidate(quick);
  const incumbent = await makeIncumbent(quick);
  const failure = new AbortController();
  const running = [mirror, candidate, incumbent].map((service) =>
    service.run(stop.signal).catch((error: unknown) => {
      failure.abort(error);
      throw error;
    }),
  );
  // A failure is thrown below, where it is waited for; until then nobody else must take it for unhandled.
  const ended = Promise.allSettled(running);
  const halt = AbortSignal.any([signal, failure.signal]);
  try {
    await allReady([mirror, incumbent], clock, halt);
    const missed = options.missed ?? (() => 0);
    const figure = (service: Service, name: string): number => Number(service.figures()[name] ?? 0);
    const arrived = (): number =>
      Math.min(figure(mirror, 'ticks') + missed(), figure(candidate, 'ticks') + missed(), figure(incumbent, 'ticks'));
    const publisher = feed(
      {
        source: options.mostAhead === undefined ? source : inStep(source, arrived, clock, options.mostAhead),
        pubsub: await engines.pubSub(),
        streams: await engines.streams(),
        clock,
        metrics,
        journal: needs.journal('feed'),
      },
      {
        batch: 1_000,
        prefix: values.streamVersionPrefix,
        streamLength: values.tickStreamLength,
        symbolStreams: values.symbolStreams,
      },
    );
    const begun = clock.monotonic();
    const over = new AbortController();
    clock.every(
      100,
      () => options.onProgress?.(source.share, source.counts.ticks),
      AbortSignal.any([over.signal, halt]),
    );
    await publisher.run(halt);
    const complete = await drained({ mirror, candidate, incumbent }, source, needs, arrived, halt);
    over.abort();
    if (failure.signal.aborted) throw failure.signal.reason;
    const seconds = (clock.monotonic() - begun) / 1000;
    options.onProgress?.(1, source.counts.ticks);
    // A bar that is closed may be on its way to the log: it is counted once the services have drained.
    stop.abort();
    await ended;
    return {
      published: source.counts.ticks,
      mirrored: figure(mirror, 'ticks'),
      candidateTicks: figure(candidate, 'ticks'),
      incumbentTicks: figure(incumbent, 'ticks'),
      candidateBars: figure(candidate, 'bars'),
      incumbentBars: figure(incumbent, 'bars'),
      complete,
      seconds,
    };
  } finally {
    stop.abort();
    await ended;
  }
}

/** Waits until all are ready. Rejects with `host.not-ready` when one is not in time. */
async function allReady(services: readonly Service[], clock: PathNeeds['clock'], halt: AbortSignal): Promise<void> {
  const begun = clock.monotonic();
  for (;;) {
    const late = services.find((service) => !service.readiness().ready);
    if (late === undefined || halt.aborted) return;
    if (clock.monotonic() - begun > STALL_MS)
      throw new PulseError('host.not-ready', {
        service: late.name,
        seconds: STALL_MS / 1000,
        detail: late.readiness().detail,
      });
    await clock.sleep(20, halt);
  }
}

/** Waits until every tick went both ways and every bar is closed; false when nothing moved for too long. `arrived`: ticks that the slowest part has taken. */
async function drained(
  services: { mirror: Service; candidate: Service; incumbent: Service },
  source: TickSource,
  { clock }: PathNeeds,
  arrived: () => number,
  halt: AbortSignal,
): Promise<boolean> {
  let last = '';
  let since = clock.monotonic();
  while (!halt.aborted) {
    const [mirror, candidate, incumbent] = [services.mirror, services.candidate, services.incumbent].map((s) =>
      s.figures(),
    );
    if (arrived() >= source.counts.ticks && candidate?.open === 0 && incumbent?.open === 0) return true;
    const now = JSON.stringify([mirror, candidate, incumbent]);
    if (now !== last) {
      last = now;
      since = clock.monotonic();
    }
    if (clock.monotonic() - since > STALL_MS) return false;
    await clock.sleep(50, halt);
  }
  return false;
}
