import { PulseError } from '../../domain/errors.ts';
import type { GapRecord } from '../../domain/gap.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import type { Spool } from '../../ports/spool.ts';
import type { TapeEnd, TickTape } from '../../ports/tick-tape.ts';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import { GapWriter } from './gap-writer.ts';
import { type MirrorNote, parseNote, readEnds } from './resume.ts';

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
  const open = new Map<string, GapRecord>();
  const giveUp = new AbortController();
  const records = new GapWriter(log, clock, delivery, giveUp.signal);

  function onGap(gap: GapRecord): void {
    records.put(gap);
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
    const through = tape.through(true);
    // Without it nothing is known of any moment, as before a first start.
    if (through === null) return;
    // A later one lies within the gap that the next run would begin with.
    const gaps = records.waiting.filter(({ from }) => from === null || from < through);
    const written: MirrorNote = { instance: options.instance, through, clean, gaps };
    try {
      await spool.setNote(JSON.stringify(written));
    } catch {
      // A full disk: with the note before it the next run looks further back, and finds what is in the log already.
    }
  }

  /** Where the last run ended; asks for as long as it may. Ticks are received meanwhile. */
  async function ends(): Promise<ReadonlyMap<string, TapeEnd> | null> {
    while (!giveUp.signal.aborted) {
      try {
        const found = await readEnds(log);
        delivery.answers();
        return found;
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        delivery.lost(error);
        await clock.sleep(500, giveUp.signal);
      }
    }
    return null;
  }

  /** Delivers until nothing more comes, or for as long as it may. */
  async function deliverAll(): Promise<void> {
    for (;;) {
      const ticks = await tape.next(options.batch);
      const first = ticks[0];
      if (first === undefined) return;
      // A tick in the log must not hide that others before it may be missing: what tells of that goes first.
      if (!(await records.written())) return;
      const rejectedBefore = delivery.rejected;
      if (!(await delivery.deliver(ticks, giveUp.signal))) return;
      await tape.taken(ticks.length);
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
      const failure = new AbortController();
      const end = AbortSignal.any([signal, failure.signal]);
      const drain = (): void => void clock.sleep(DRAIN_MS, failure.signal).then(() => giveUp.abort());
      if (end.aborted) drain();
      end.addEventListener('abort', drain, { once: true });
      // Whoever waits for the next ticks waits no longer.
      giveUp.signal.addEventListener('abort', () => void tape.park(), { once: true });
      const last = parseNote(spool.note());
      for (const gap of last?.gaps ?? []) records.put(gap);
      clock.every(NOTE_EVERY_MS, () => note(false), end);
      clock.every(250, watchSpool, end);
      const resume = { from: last?.through ?? null, clean: last?.clean ?? false };
      journal.event('info', 'service.started', 'mirror subscribes', {
        instance: options.instance,
        resumesFrom: resume.from,
      });
      try {
        const known = ends();
        const working = [tape.run({ ...resume, ends: known }, onGap, end), deliverAll(), known];
        await Promise.race([Promise.all(working), records.failed]);
      } catch (error) {
        failure.abort();
        throw error;
      }
      const delivered = tape.waiting.memory + tape.waiting.disk === 0;
      const kept = await tape.park();
      await records.written();
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

function countBySymbol(ticks: readonly { symbol: string | null }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { symbol } of ticks) if (symbol !== null) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  return counts;
}
