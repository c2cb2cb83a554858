import { GAPS_TOPIC, type GapRecord } from '../../domain/gap.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import type { Spool } from '../../ports/spool.ts';
import type { TapeResume, TickTape } from '../../ports/tick-tape.ts';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import { type MirrorNote, parseNote, readResume } from './resume.ts';

export interface MirrorNeeds {
  readonly tape: TickTape;
  readonly log: RecordLog;
  /** The same spool that the tape uses: its note tells a later run where this one was. */
  readonly spool: Spool;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

export interface MirrorOptions extends DeliveryOptions {
  /** Names this run; new for each. */
  readonly instance: string;
  /** Most ticks in one append. */
  readonly batch: number;
}

const NOTE_EVERY_MS = 1_000;
/** How long a start waits for the log before it receives without knowing where the last run ended. */
const RESUME_WAIT_MS = 5_000;
/** Of the ten seconds in which a service must end, what is left to the delivery of what waits. */
const DRAIN_MS = 6_000;

/** Mirrors the ticks of a pub/sub pattern into the record log: every payload once, in order per symbol, bytes unchanged. */
export function mirror(needs: MirrorNeeds, options: MirrorOptions): Service {
  const { tape, log, spool, clock, metrics, journal } = needs;
  const delivery = new Delivery(log, clock, journal, options.instance, options);
  const mirrored = metrics.counter('pulse_mirror_ticks_total', 'Ticks brought into the record log.', ['symbol']);
  const rejected = metrics.counter('pulse_mirror_rejected_total', 'Ticks that went to ticks.rejected.');
  const waiting = metrics.gauge('pulse_mirror_waiting_ticks', 'Ticks that wait for the record log.', ['place']);
  const gaps = metrics.counter('pulse_mirror_gaps_total', 'Gaps, by reason.', ['reason', 'status']);
  const filled = metrics.counter('pulse_mirror_filled_ticks_total', 'Ticks put into gaps from Redis Streams.');
  const delay = metrics.histogram(
    'pulse_mirror_delay_seconds',
    'From receipt to durable in the record log.',
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30],
  );
  let count = 0;
  let spooling = false;
  /** Receipt of the oldest tick that may not be durable. */
  let oldest: number | null = null;
  let through = clock.now();
  const open = new Map<string, GapRecord>();

  const writeGaps = new GapWriter(log, clock);

  function onGap(gap: GapRecord): void {
    writeGaps.put(gap);
    const before = open.get(gap.id);
    open.set(gap.id, gap);
    const data = { id: gap.id, reason: gap.reason, from: gap.from, to: gap.to, filled: gap.filled };
    if (before === undefined) {
      gaps.inc(1, { reason: gap.reason, status: 'opened' });
      journal.event(
        gap.reason === 'start' ? 'info' : 'warn',
        'gap.opened',
        `ticks may have been missed until ${new Date(gap.to).toISOString()}`,
        data,
      );
    }
    filled.inc(gap.filled - (before?.filled ?? 0));
    if (gap.status === 'closed') {
      open.delete(gap.id);
      gaps.inc(1, { reason: gap.reason, status: 'closed' });
      journal.event('info', 'gap.closed', `${gap.filled} ticks were filled in from Redis Streams`, data);
    }
  }

  function watchSpool(): void {
    const { memory, disk } = tape.waiting;
    waiting.set(memory, { place: 'memory' });
    waiting.set(disk, { place: 'disk' });
    if (disk > 0 === spooling) return;
    spooling = disk > 0;
    if (spooling)
      journal.event('warn', 'spool.opened', 'the log does not keep up; ticks go to the spool on disk', {
        waiting: disk,
      });
    else journal.event('info', 'spool.drained', 'all of the spool is in the log');
  }

  async function note(clean: boolean): Promise<void> {
    // What was published and is still on its way here is neither in the log nor in the spool.
    const received = Math.min(clock.now(), tape.caughtUp ?? clock.now());
    if (oldest !== null) through = Math.min(oldest, received);
    else if (clean || (tape.waiting.memory === 0 && !tape.filling)) through = received;
    const written: MirrorNote = { instance: options.instance, through, clean };
    await spool.setNote(JSON.stringify(written));
  }

  async function deliverAll(giveUp: AbortSignal): Promise<boolean> {
    for (;;) {
      const ticks = await tape.next(options.batch);
      const first = ticks[0];
      if (first === undefined) return true;
      oldest = first.receivedAt;
      const rejectedBefore = delivery.rejected;
      if (!(await delivery.deliver(ticks, giveUp))) return false;
      await tape.taken(ticks.length);
      oldest = null;
      rejected.inc(delivery.rejected - rejectedBefore);
      const now = clock.now();
      delay.observe((now - first.receivedAt) / 1000);
      for (const [symbol, n] of countBySymbol(ticks)) mirrored.inc(n, { symbol });
      count += ticks.length;
    }
  }

  return {
    name: 'mirror',
    async run(signal) {
      const giveUp = new AbortController();
      signal.addEventListener('abort', () => void clock.sleep(DRAIN_MS).then(() => giveUp.abort()), { once: true });
      const resume = await firstResume(log, spool, clock, signal);
      clock.every(NOTE_EVERY_MS, () => note(false), signal);
      clock.every(250, watchSpool, signal);
      journal.event('info', 'service.started', 'mirror subscribes', {
        instance: options.instance,
        resumesFrom: resume.from,
      });
      const delivering = deliverAll(giveUp.signal);
      const [, delivered] = await Promise.all([tape.run(resume, onGap, signal), delivering]);
      const kept = delivered || (await tape.park());
      await writeGaps.settled();
      if (kept) oldest = null;
      await note(kept);
      journal.event('info', 'service.stopped', `mirrored ${count} ticks`, { delivered, parked: !delivered && kept });
    },
    readiness(): Readiness {
      if (!tape.subscribed) return { ready: false, detail: 'waits for Redis' };
      if (!delivery.available) return { ready: false, detail: 'waits for the record log; ticks go to the spool' };
      return { ready: true, detail: 'mirrors' };
    },
    figures() {
      const { memory, disk } = tape.waiting;
      return { ticks: count, waiting: memory + disk, spooled: disk, openGaps: open.size };
    },
  };
}

async function firstResume(log: RecordLog, spool: Spool, clock: Clock, signal: AbortSignal): Promise<TapeResume> {
  const note = parseNote(spool.note());
  const until = clock.now() + RESUME_WAIT_MS;
  while (!signal.aborted) {
    try {
      return await readResume(log, note);
    } catch {
      // Receiving at once is worth more than a fill of this one gap: it stays open, and is told.
      if (clock.now() > until) break;
      await clock.sleep(500, signal);
    }
  }
  return { from: note?.through ?? null, clean: note?.clean ?? false, ends: new Map() };
}

function countBySymbol(ticks: readonly { symbol: string | null }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { symbol } of ticks) if (symbol !== null) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  return counts;
}

/** Writes gap records in order, the newest state of each, for as long as it takes. */
class GapWriter {
  readonly #log: RecordLog;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, GapRecord>();
  #writing: Promise<void> | null = null;
  #created = false;

  constructor(log: RecordLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  put(gap: GapRecord): void {
    this.#waiting.set(gap.id, gap);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  /** Resolves when all are written, or after two seconds. */
  async settled(): Promise<void> {
    await Promise.race([this.#writing ?? Promise.resolve(), this.#clock.sleep(2_000)]);
  }

  async #write(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting.values()];
      try {
        if (!this.#created) await this.#log.createTopics([{ topic: GAPS_TOPIC, compacted: true }]);
        this.#created = true;
        await this.#log.append(
          batch.map((gap) => ({ topic: GAPS_TOPIC, key: gap.id, value: Buffer.from(JSON.stringify(gap)) })),
        );
        for (const gap of batch) if (this.#waiting.get(gap.id) === gap) this.#waiting.delete(gap.id);
      } catch {
        // Kept, and tried again: the delivery of ticks tells that the log is away.
        await this.#clock.sleep(500);
      }
    }
  }
}
