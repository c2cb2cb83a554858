import { virtualClock } from '../../src/adapters/clock/virtual.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { compareIds } from '../../src/domain/enrichment/stream-enricher.ts';
import { PulseError } from '../../src/domain/errors/errors.ts';
import type { Delivery, EntryStream, GroupBatch, NewEntry } from '../../src/ports/entry-stream.ts';
import { Enrichment } from '../../src/services/enrichment/enrichment.ts';
import type { EnrichmentNeeds } from '../../src/services/enrichment/needs.ts';
import { enrichmentOptions } from './enrichment-options.ts';
import { recordingJournal } from './recording-journal.ts';

const BEGUN = 1_700_000_000_000;
const AWAY = new PulseError('database.unavailable', { at: 'desk', reason: 'so it is' });

/** How the database of a desk is: `silent` answers nothing at all. */
type Mood = 'well' | 'away' | 'silent';

/** A worker of enrichment among engines in memory, on a clock that stands until it is told to go. */
export class EnrichmentDesk {
  readonly clock = virtualClock(BEGUN);
  readonly journal = recordingJournal();
  readonly metrics = prometheusMetrics();
  readonly rows: string[] = [];
  readonly dead: string[] = [];
  readonly claims: number[] = [];
  /** Pages of what this consumer was given before its restart. */
  readonly own: GroupBatch[] = [];
  /** By id: entries that were delivered and are not acknowledged. */
  readonly pending = new Map<string, { entry: Delivery; at: number }>();
  readonly waiting: Delivery[] = [];
  mood: Mood = 'well';
  /** What is refused for good, whatever the mood. */
  refuses: 'rows' | 'states' | 'early analyses' | null = null;
  failingAcks = 0;
  /** Whether the stream says that entries before those that it gives were trimmed away. */
  skips = false;
  /** How long a transaction takes. */
  takesMs = 0;
  readonly worker: Enrichment;
  readonly #known: Delivery[] = [];
  readonly #stop = new AbortController();
  #given = '0-0';
  #running: Promise<void> | null = null;

  constructor() {
    const { clock, journal, metrics } = this;
    const log = { createTopics: async () => [], append: async () => undefined };
    const needs = { clock, journal, log, metrics, ...this.#database(), streams: this.#streams() };
    this.worker = new Enrichment(needs as unknown as EnrichmentNeeds, {
      ...enrichmentOptions(),
      stream: 's',
      fingerprint: 'f',
      group: 'g',
      consumer: 'c',
      history: null,
      batch: 10,
      claimMinIdleMs: 1_000,
      lingerMs: 0,
      retentionDays: 0,
      topic: 'analyses',
      lagLimitSeconds: 30,
    });
  }

  /** Resolves when it waits for the first time. */
  async start(): Promise<void> {
    this.#running = this.worker.run(this.#stop.signal);
    // Whoever stops it is told.
    this.#running.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Has it end; time has to go on for that. */
  async stop(limitMs = 10_000): Promise<void> {
    this.#stop.abort();
    await this.clock.advance(limitMs);
    const late = new Promise<never>((_, reject) => setImmediate(() => reject(new Error('it has not ended'))));
    await Promise.race([this.#running, late]);
  }

  /** Publishes a tick now; its id is that of the time. Fields other than a tick's make it one that can never be used. */
  publish(fields?: Record<string, string>): string {
    const ms = this.clock.now();
    const sequence = this.#known.filter(({ id }) => id.startsWith(`${ms}-`)).length;
    const text = fields ?? { symbol: 'EURUSD', ts: String(ms), price: String(1.1 + this.#known.length / 1e4) };
    const entry = {
      stream: 's',
      id: `${ms}-${sequence}`,
      deliveries: 1,
      fields: Object.fromEntries(Object.entries(text).map(([name, value]) => [name, Buffer.from(value)])),
    };
    this.#known.push(entry);
    this.waiting.push(entry);
    return entry.id;
  }

  #letters() {
    return this.dead.map((source, i) => ({ stream: 's:dlq', id: `1-${i}`, fields: { source: Buffer.from(source) } }));
  }

  #database() {
    const inMood = async <T>(work: () => Promise<T>): Promise<T> => {
      if (this.mood === 'silent') return new Promise(() => undefined);
      if (this.mood === 'away') throw AWAY;
      if (this.takesMs > 0) await this.clock.sleep(this.takesMs);
      return work();
    };
    const refuse = (what: string) => {
      if (this.refuses === what) throw new PulseError('database.query', { sqlstate: '42501', reason: what });
    };
    return {
      database: { transaction: (work: (query: null) => Promise<unknown>) => inMood(() => work(null)) },
      rows: {
        partitions: { ensure: async () => undefined, ensureAhead: async () => undefined, forget: () => undefined },
        insert: async (_: null, rows: { entryId: string }[]) => {
          refuse('rows');
          this.rows.push(...rows.map(({ entryId }) => entryId));
          return rows.length;
        },
      },
      analyses: {
        insert: async (_: null, analyses: { settled: boolean }[]) => {
          if (analyses.some(({ settled }) => !settled)) refuse('early analyses');
        },
        publish: async () => 0,
        unpublished: async () => 0,
      },
      states: {
        before: () => inMood(async () => null),
        write: () => inMood(async () => refuse('states')),
        prune: async () => undefined,
      },
    };
  }

  #streams(): Partial<EntryStream> {
    const nothing: GroupBatch = { entries: [], after: null, skipped: false, trimmed: [] };
    const deliver = (entry: Delivery): Delivery => {
      const deliveries = (this.pending.get(entry.id)?.entry.deliveries ?? 0) + 1;
      const delivered = { ...entry, deliveries };
      this.pending.set(entry.id, { entry: delivered, at: this.clock.now() });
      return delivered;
    };
    return {
      range: async (stream, from, to) =>
        stream === 's' ? this.#known.filter(({ id }) => isWithin(id, from, to)) : this.#letters(),
      append: async (entries: readonly NewEntry[]) =>
        entries.map(({ fields }) => String(this.dead.push(String(fields.source)))),
      ack: async (_stream, _group, ids) => {
        this.failingAcks -= 1;
        if (this.failingAcks >= 0) throw new PulseError('redis.unavailable', { at: 'desk', reason: 'so it is' });
        for (const id of ids) this.pending.delete(id);
      },
      claim: async (_reader, minIdle, count) => {
        if (minIdle === 'own') return this.own.shift() ?? nothing;
        this.claims.push(minIdle);
        const idle = [...this.pending.values()].filter(({ at }) => this.clock.now() - at >= minIdle).slice(0, count);
        return { ...nothing, entries: idle.map(({ entry }) => deliver(entry)) };
      },
      readGroup: async (_reader, count, waitMs, signal) => {
        if (this.waiting.length === 0) await this.clock.sleep(waitMs, signal);
        if (signal.aborted) return nothing;
        const after = this.#given;
        const entries = this.waiting.splice(0, count).map(deliver);
        this.#given = entries.at(-1)?.id ?? after;
        return { ...nothing, entries, after, skipped: this.skips && entries.length > 0 };
      },
    };
  }
}

/** Whether an entry's id lies between bounds as Redis writes them. */
function isWithin(id: string, from: string, to: string): boolean {
  const order = (bound: string): number => compareIds(id, bound.replace('(', ''));
  const after = from === '-' || (from.startsWith('(') ? order(from) > 0 : order(from) >= 0);
  return after && (to === '+' || (to.startsWith('(') ? order(to) < 0 : order(to) <= 0));
}
