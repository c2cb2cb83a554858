import type { GapRecord } from '../../domain/gap/gap.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';

/** Counts what a mirror does, and tells it. */
export class MirrorMetrics {
  readonly #journal: Journal;
  readonly #mirrored;
  readonly #rejected;
  readonly #waiting;
  readonly #gaps;
  readonly #filled;
  readonly #delay;
  readonly #epoch;
  readonly #open = new Map<string, GapRecord>();
  #spooling = false;
  /** Ticks brought into the log. */
  count = 0;

  constructor(metrics: Metrics, journal: Journal) {
    this.#journal = journal;
    // Not by symbol: a publisher may make up any number of them.
    this.#mirrored = metrics.counter('pulse_mirror_ticks_total');
    this.#rejected = metrics.counter('pulse_mirror_rejected_total');
    this.#waiting = metrics.gauge('pulse_mirror_waiting_ticks');
    this.#gaps = metrics.counter('pulse_mirror_gaps_total');
    this.#filled = metrics.counter('pulse_mirror_filled_ticks_total');
    this.#epoch = metrics.gauge('pulse_mirror_epoch');
    this.#delay = metrics.histogram('pulse_mirror_delay_seconds');
    this.#epoch.set(0);
  }

  get openGaps(): number {
    return this.#open.size;
  }

  holds(epoch: number): void {
    this.#epoch.set(epoch);
    this.#journal.event('info', 'lease.taken', `this mirror holds the lease, in epoch ${epoch}, and writes`, { epoch });
  }

  lost(epoch: number): void {
    this.#epoch.set(0);
    this.#journal.event('warn', 'lease.lost', `the lease of epoch ${epoch} is over; this mirror stands by`, { epoch });
  }

  standsBy(heldBy: string): void {
    this.#epoch.set(0);
    this.#journal.event('info', 'lease.waiting', `${heldBy} holds the lease; this mirror receives and stands by`, {
      heldBy,
    });
  }

  delivered(ticks: readonly TapeTick[], rejected: number, delaySeconds: number): void {
    this.#rejected.inc(rejected);
    this.#delay.observe(delaySeconds);
    this.#mirrored.inc(ticks.length);
    this.count += ticks.length;
  }

  gap(gap: GapRecord): void {
    const before = this.#open.get(gap.id);
    const data = { id: gap.id, reason: gap.reason, from: gap.from, to: gap.to, filled: gap.filled };
    this.#open.set(gap.id, gap);
    if (before === undefined && gap.settledBy === undefined) {
      this.#gaps.inc(1, { reason: gap.reason, status: 'opened' });
      this.#journal.event(
        gap.reason === 'start' ? 'info' : 'warn',
        'gap.opened',
        `ticks may have been missed until ${new Date(gap.to).toISOString()}`,
        data,
      );
    }
    this.#filled.inc(gap.filled - (before?.filled ?? (gap.settledBy === undefined ? 0 : gap.filled)));
    if (gap.status !== 'closed') return;
    this.#open.delete(gap.id);
    this.#gaps.inc(1, { reason: gap.reason, status: 'closed' });
    const how =
      gap.settledBy === undefined
        ? `${gap.filled} ticks were filled in from Redis Streams`
        : 'a later run found or brought all that it lacked';
    this.#journal.event('info', 'gap.closed', how, data);
  }

  watch({ memory, disk }: { readonly memory: number; readonly disk: number }): void {
    this.#waiting.set(memory, { place: 'memory' });
    this.#waiting.set(disk, { place: 'disk' });
    if (disk > 0 === this.#spooling) return;
    this.#spooling = disk > 0;
    if (this.#spooling)
      this.#journal.event('warn', 'spool.opened', 'the log does not keep up; ticks go to the spool on disk', {
        waiting: disk,
      });
    else this.#journal.event('info', 'spool.drained', 'all of the spool is in the log');
  }
}
