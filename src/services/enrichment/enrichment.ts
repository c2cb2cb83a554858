import { compareIds, timeOfId } from '../../domain/enrichment/stream-enricher.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Delivery, GroupBatch, GroupReader } from '../../ports/entry-stream.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import { untilAborted } from '../../ports/until-aborted.ts';
import { AnalysisOutbox } from './analysis-outbox.ts';
import { bury, type DeadEntry, deadStream } from './dead-entries.ts';
import { type EnrichmentMetrics, enrichmentMetrics } from './enrichment-metrics.ts';
import { beforeNewest } from './history.ts';
import { InFlight } from './in-flight.ts';
import type { EnrichmentNeeds, WorkerOptions } from './needs.ts';
import { type Writable, writeRows } from './row-writer.ts';
import { type Outcome, StateTrack } from './state-track.ts';
import { upkeep } from './upkeep.ts';

/** Deliveries after which an entry that the database refuses, or that fails, is given up. */
const MAX_TRIES = 5;
/** Batches that are written while the next one is read and computed. */
const IN_FLIGHT = 2;
const WAIT_MS = 500;
/** What is not written by then is delivered again. The process needs some of its 10 s for the journal and the engines. */
const DRAIN_MS = 5_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const LAG_EVERY_MS = 1_000;
/** After which a worker that waits for the database is not ready, though nothing has failed yet. */
const SILENT_MS = 10_000;
/** How much of the slowest batch each later one leaves: a bad hour is forgotten within a few hundred batches. */
const DECAY = 0.98;

/** What a worker may be in trouble with. Reading may go well while writing does not. */
type Activity = 'reading' | 'writing';

/** What the database is asked for: since when, and the oldest entry that waits for it. */
interface Held {
  readonly since: number;
  readonly oldest: string | null;
}

/**
 * Enriches the entries of a stream into the database. An entry is acknowledged once its row is committed, so that a worker may die at any
 * point; a row has its entry's id, so that a second delivery changes nothing. While an engine is away it waits, and reads nothing more.
 */
export class Enrichment implements Service {
  readonly name = 'enrichment';
  readonly #needs: EnrichmentNeeds;
  readonly #options: WorkerOptions;
  #reader: GroupReader;
  readonly #track: StateTrack;
  readonly #outbox: AnalysisOutbox;
  readonly #metrics: EnrichmentMetrics;
  readonly #writing = new InFlight(IN_FLIGHT);
  readonly #giveUp = new AbortController();
  readonly #troubles = new Map<Activity, string>();
  readonly #held = new Set<Held>();
  /** The last entry that was read while more wait, or null. */
  #behind: string | null = null;
  #slowestMs = 0;
  #claimedAt = 0;
  #lagging = false;
  #lagSeconds = 0;
  #counts = { entries: 0, rows: 0, again: 0, dead: 0, trimmed: 0, analyses: 0 };

  constructor(needs: EnrichmentNeeds, options: WorkerOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#reader = { stream: options.stream, group: options.group, consumer: options.consumer };
    this.#track = new StateTrack(needs, options);
    this.#outbox = new AnalysisOutbox(needs, options.topic);
    this.#metrics = enrichmentMetrics(needs.metrics);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, journal } = this.#needs;
    const { stream, group, consumer } = this.#options;
    const over = new AbortController();
    // detached: `sleep` never rejects
    const limit = (): void => void clock.sleep(DRAIN_MS, over.signal).then(() => this.#giveUp.abort());
    if (signal.aborted) limit();
    signal.addEventListener('abort', limit, { once: true });
    journal.event('info', 'service.started', `enrichment follows ${stream}`, { stream, group, consumer });
    clock.every(LAG_EVERY_MS, () => this.#watchLag(), over.signal);
    // Ends with this service, whether that was told to stop or fails.
    const publishing = this.#outbox.run(AbortSignal.any([signal, over.signal]));
    try {
      // What an engine that is silent holds up is delivered again.
      await Promise.race([this.#follow(signal), untilAborted(this.#giveUp.signal)]);
    } finally {
      signal.removeEventListener('abort', limit);
      over.abort();
      await publishing;
    }
    journal.event('info', 'service.stopped', `enriched ${this.#counts.rows} ticks`, { ...this.#counts });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    await upkeep(this.#needs, this.#options, signal);
    await this.#untilDone('reading', signal, () => this.#begin());
    await this.#takeUpOwn(signal);
    while (!signal.aborted) await this.#untilDone('reading', signal, () => this.#turn(signal));
    await this.#writing.settled();
    await this.#storeState(true);
  }

  readiness(): Readiness {
    const [trouble] = this.#troubles.values();
    if (trouble !== undefined) return { ready: false, detail: trouble };
    const now = this.#needs.clock.monotonic();
    const waited = Math.max(0, ...[...this.#held].map(({ since }) => now - since));
    if (waited > SILENT_MS)
      return { ready: false, detail: `has waited for the database for ${Math.round(waited / 1_000)} s` };
    return { ready: true, detail: this.#counts.entries === 0 ? 'waits for ticks' : 'enriches' };
  }

  figures(): Record<string, number> {
    const { entries, rows, dead, analyses } = this.#counts;
    return { ticks: entries, rows, analyses, dead, lagSeconds: this.#lagSeconds };
  }

  /** Where the group begins, should it have to be made. */
  async #begin(): Promise<void> {
    const { stream, history } = this.#options;
    if (history === null) return;
    const startAfter = await beforeNewest(this.#needs.streams, stream, history);
    if (startAfter !== undefined) this.#reader = { ...this.#reader, startAfter };
  }

  /** What this consumer was given before it was restarted, however long ago. */
  async #takeUpOwn(signal: AbortSignal): Promise<void> {
    for (let from = '0-0'; !signal.aborted; ) {
      const batch = await this.#untilDone('reading', signal, () =>
        this.#needs.streams.claim(this.#reader, 'own', this.#options.batch, from),
      );
      if (batch === undefined) return;
      // A page of which the stream holds nothing any more is not the last one.
      const ids = [...batch.entries.map(({ id }) => id), ...batch.trimmed];
      await this.#accept(batch, signal);
      if (ids.length === 0) return;
      from = ids.reduce((a, b) => (compareIds(a, b) < 0 ? b : a));
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { streams, clock } = this.#needs;
    const { batch: size } = this.#options;
    const minIdle = Math.max(this.#options.claimMinIdleMs, 2 * this.#slowestMs);
    const claims = clock.now() - this.#claimedAt >= minIdle / 2;
    // What is being written must not be claimed from oneself, and nothing more is read while writing is in trouble.
    if (claims || this.#troubles.has('writing')) await this.#writing.settled();
    if (claims) {
      const claimed = await streams.claim(this.#reader, minIdle, size);
      // A full batch may not have been all.
      if (claimed.entries.length < size) this.#claimedAt = clock.now();
      await this.#accept(claimed, signal);
    }
    const batch = await streams.readGroup(this.#reader, size, WAIT_MS, signal);
    // A batch that is not full was all there was.
    this.#behind = batch.entries.length < size ? null : batch.entries[size - 1]!.id;
    if (batch.entries.length === 0) await this.#closeByClock(batch.after, signal);
    else await this.#accept(batch, signal);
    await this.#storeState();
    const { lingerMs } = this.#options;
    if (lingerMs > 0 && this.#behind === null && batch.entries.length > 0) await clock.sleep(lingerMs, signal);
  }

  /** Computes what becomes of a batch and has it written; resolves as soon as the next one may be read. */
  async #accept(batch: GroupBatch, signal: AbortSignal): Promise<void> {
    this.#reportTrimmed(batch.trimmed);
    if (batch.skipped) this.#reportSkipped(batch);
    const first = batch.entries[0];
    if (first === undefined) return;
    const release = this.#hold(first.id);
    const outcomes = await this.#untilDone('reading', signal, () => this.#track.take(batch));
    if (outcomes === undefined || outcomes.length === 0) return release();
    this.#counts.entries += outcomes.length;
    this.#metrics.entries.inc(outcomes.length);
    await this.#writing.run(() =>
      this.#untilDone('writing', this.#giveUp.signal, (attempt) => this.#write(outcomes, attempt > 1)).finally(release),
    );
  }

  /** Says that the database is asked for something, and what waits for it, until the result is called. */
  #hold(oldest: string | null): () => void {
    const held = { since: this.#needs.clock.monotonic(), oldest };
    this.#held.add(held);
    return () => void this.#held.delete(held);
  }

  async #write(outcomes: readonly Outcome[], retry: boolean): Promise<void> {
    const { clock, streams } = this.#needs;
    const { stream, group } = this.#options;
    const begun = clock.monotonic();
    const writable: (Writable & { entry: Delivery })[] = [];
    const dead: DeadEntry[] = [];
    const failed: DeadEntry[] = [];
    for (const outcome of outcomes) {
      const { entry } = outcome;
      if ('row' in outcome) writable.push(outcome);
      else if ('rejection' in outcome)
        dead.push({ entry, reason: new PulseError(outcome.rejection.fault, outcome.rejection.evidence) });
      else failed.push({ entry, reason: new PulseError('entry.failed', { id: entry.id, reason: outcome.failed }) });
    }
    const { added, refused } = await writeRows(this.#needs, writable);
    for (const { entry, row } of writable) {
      const reason = refused.get(row);
      if (reason !== undefined)
        failed.push({ entry, reason: new PulseError('entry.refused', { id: entry.id, reason }) });
    }
    dead.push(...failed.filter(({ entry }) => entry.deliveries >= MAX_TRIES));
    if (dead.length > 0) await bury(streams, stream, dead, retry);
    const left = new Set(failed.filter(({ entry }) => entry.deliveries < MAX_TRIES).map(({ entry }) => entry.id));
    await streams.ack(
      stream,
      group,
      outcomes.flatMap(({ entry }) => (left.has(entry.id) ? [] : [entry.id])),
    );
    const took = clock.monotonic() - begun;
    this.#slowestMs = Math.max(DECAY * this.#slowestMs, took);
    this.#metrics.seconds.observe(took / 1_000);
    this.#count(writable, added, refused.size, dead);
    if (writable.some(({ analyses }) => analyses.length > 0)) this.#outbox.announce();
  }

  #count(writable: readonly Writable[], added: number, refused: number, dead: readonly DeadEntry[]): void {
    const again = writable.length - refused - added;
    this.#counts.rows += added;
    this.#counts.again += again;
    this.#counts.dead += dead.length;
    for (const { analyses } of writable) this.#counts.analyses += analyses.length;
    this.#metrics.rows.inc(added, { result: 'new' });
    this.#metrics.rows.inc(again, { result: 'known' });
    for (const { reason } of dead) this.#metrics.dead.inc(1, { reason: reason.code });
    if (dead.length > 0)
      this.#needs.journal.event(
        'warn',
        'dead-letter.written',
        `${dead.length} entries went to ${deadStream(this.#options.stream)}; the first: ${dead[0]!.reason.message}`,
        { entries: dead.length, first: dead[0]!.entry.id, reason: dead[0]!.reason.code },
      );
  }

  /** Bars whose time is over while no tick comes: their analyses go out early, and are made again if a late tick changes them. */
  async #closeByClock(newest: string | null, signal: AbortSignal): Promise<void> {
    const { clock, database, analyses } = this.#needs;
    // Others may have been given ticks of those bars.
    await this.#untilDone('reading', signal, () => this.#track.follow(newest));
    const symbols = this.#track.state?.symbols.values() ?? [];
    const early = [...symbols].flatMap((symbol) => symbol.settledByClock(clock.now()));
    if (early.length === 0) return;
    await this.#writing.settled();
    const release = this.#hold(null);
    try {
      await this.#untilDone('writing', signal, () => database.transaction((query) => analyses.insert(query, early)));
      this.#counts.analyses += early.length;
      this.#outbox.announce();
    } catch (error) {
      // The next tick settles these bars.
      if (!(error instanceof PulseError)) throw error;
      this.#metrics.earlyFailed();
    } finally {
      release();
    }
  }

  /** A state that is not stored costs the next restart some time, and nothing else. */
  async #storeState(always = false): Promise<void> {
    const release = this.#hold(null);
    try {
      await this.#track.store(this.#needs.clock.monotonic(), always);
    } catch (error) {
      if (!(error instanceof PulseError)) throw error;
      this.#metrics.stateFailed();
    } finally {
      release();
    }
  }

  /** From a timer: it has to be told most when nothing else goes on. */
  #watchLag(): void {
    const waiting = [...this.#held].map(({ oldest }) => oldest).concat(this.#behind);
    const times = waiting.flatMap((id) => (id === null ? [] : [timeOfId(id)]));
    const now = this.#needs.clock.now();
    const seconds = Math.round((now - Math.min(now, ...times)) / 1_000);
    this.#lagSeconds = seconds;
    const { journal } = this.#needs;
    const { lagLimitSeconds, stream } = this.#options;
    this.#metrics.lag.set(seconds);
    if (seconds > lagLimitSeconds && !this.#lagging)
      journal.event('warn', 'lag.high', `enrichment is ${seconds} s behind ${stream}`, { stream, seconds });
    if (seconds <= lagLimitSeconds && this.#lagging)
      journal.event('info', 'lag.normal', `enrichment caught up with ${stream}`, { stream, seconds });
    this.#lagging = seconds > lagLimitSeconds;
  }

  #reportSkipped({ after, entries }: GroupBatch): void {
    const { stream } = this.#options;
    const before = entries[0]!.id;
    this.#metrics.skipped.inc();
    this.#needs.journal.event(
      'error',
      'entry.trimmed',
      `${stream} was trimmed between ${after} and ${before} before anyone was given those entries; keep the stream longer`,
      { after, before },
    );
  }

  #reportTrimmed(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#counts.trimmed += ids.length;
    this.#metrics.trimmed.inc(ids.length);
    this.#needs.journal.event(
      'error',
      'entry.trimmed',
      `${ids.length} entries of ${this.#options.stream} were trimmed away before they were enriched; keep the stream longer`,
      { entries: ids.length, first: ids[0], last: ids[ids.length - 1] },
    );
  }

  /**
   * Does `work` again and again while an engine is away; undefined when `signal` aborts first. Rejects with what no retry helps. `attempt`
   * counts from 1.
   */
  async #untilDone<T>(
    activity: Activity,
    signal: AbortSignal,
    work: (attempt: number) => Promise<T>,
  ): Promise<T | undefined> {
    const { clock, journal } = this.#needs;
    let wait = FIRST_WAIT_MS;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        const result = await work(attempt);
        if (this.#troubles.delete(activity))
          journal.event('info', 'engine.restored', `enrichment goes on ${activity}`, { activity });
        return result;
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        if (!this.#troubles.has(activity))
          journal.event('warn', 'engine.lost', error.message, { code: error.code, activity });
        this.#troubles.set(activity, error.message);
        await clock.sleep(wait, signal);
        wait = Math.min(LONGEST_WAIT_MS, wait * 2);
      }
    }
    return undefined;
  }
}
