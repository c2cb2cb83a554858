import { compareIds, type Enriched, StreamEnricher } from '../../domain/enrichment/stream-enricher.ts';
import type { EnrichmentOptions } from '../../domain/enrichment/symbol-enricher.ts';
import type { Delivery, Entry, EntryStream, GroupBatch } from '../../ports/entry-stream.ts';
import type { Journal } from '../../ports/journal.ts';
import type { EnrichmentStates } from '../../stores/enrichment-states.ts';

/** An entry with what became of it; `failed` where that could not be found out. */
export type Outcome = { readonly entry: Delivery } & (Enriched | { readonly failed: string });

const PAGE = 1_000;
/** A state is stored after so many entries, or so long after the last, whichever comes first: what a restart has to go through again. */
const STORE_ENTRIES = 50_000;
const STORE_MS = 30_000;

interface TrackNeeds {
  readonly streams: Pick<EntryStream, 'range'>;
  readonly states: EnrichmentStates;
  readonly journal: Journal;
}

export interface TrackOptions extends EnrichmentOptions {
  readonly stream: string;
  /** Stands for everything that the outcome depends on beside the entries. */
  readonly fingerprint: string;
}

/** A state, and whether it knows all entries before its own that the stream gave to anyone. */
interface Course {
  readonly state: StreamEnricher;
  whole: boolean;
}

/**
 * Keeps the state of enrichment at the right place of the stream. Rows depend on all entries before theirs: those that other workers were
 * given are read too, and for an entry that is delivered again the state is brought back to right before it.
 */
export class StateTrack {
  readonly #needs: TrackNeeds;
  readonly #options: TrackOptions;
  #own: Course | null = null;
  #sinceStored = 0;
  #storedAt = Number.NEGATIVE_INFINITY;
  /** The hole that was told last: entries that are delivered again lead over it again. */
  #toldHole = '';
  /** Entries that were gone through for the state alone. */
  followed = 0;

  constructor(needs: TrackNeeds, options: TrackOptions) {
    this.#needs = needs;
    this.#options = options;
  }

  /** The state after the newest entry that was taken; null before the first. */
  get state(): StreamEnricher | null {
    return this.#own?.state ?? null;
  }

  /** What becomes of the entries of a batch, in order. Rejects with `redis.*` or `database.*`; then nothing was taken. */
  async take({ entries, after, skipped }: GroupBatch): Promise<Outcome[]> {
    const first = entries[0];
    if (first === undefined) return [];
    if (after === null) return this.#takeAgain(entries);
    if (this.#own?.state.position !== after) this.#own = await this.#bring(this.#own, first.id, `(${first.id}`);
    // Nobody was given them, so that every worker lacks the same.
    else if (skipped) this.#own.state.missed();
    const { state } = this.#own;
    this.#sinceStored += entries.length;
    return entries.map((entry) => outcome(state, entry));
  }

  /** Takes in what others were given up to the entry `id`, should the state be behind it; null: unknown. Rejects as `take` does. */
  async follow(id: string | null): Promise<void> {
    if (id === null || compareIds(this.state?.position ?? '0-0', id) >= 0) return;
    this.#own = await this.#bring(this.#own, id, id);
  }

  /** Stores the state where it is due, or in any case. `now` from a monotonic clock. */
  async store(now: number, always = false): Promise<void> {
    const due = always || this.#sinceStored >= STORE_ENTRIES || now - this.#storedAt >= STORE_MS;
    if (this.#own === null || this.#sinceStored === 0 || !due) return;
    if (!this.#own.whole) this.#own = await this.#mended(this.#own);
    const { state, whole } = this.#own;
    const { stream, fingerprint } = this.#options;
    await this.#needs.states.write(stream, fingerprint, { position: state.position, state: state.snapshot(), whole });
    this.#sinceStored = 0;
    this.#storedAt = now;
  }

  /** A state that stands at the end of `to`, where the entry `id` is or comes next: `own` or a stored one, whichever is nearer. */
  async #bring(own: Course | null, id: string, to: string): Promise<Course> {
    let nearest = own !== null && compareIds(own.state.position, id) < 0 ? own : null;
    if (nearest !== null && (await this.#through(nearest, to, 1))) return nearest;
    // Behind by more than a page, or by entries that are gone: somebody may have stored a state that is nearer, better a whole one.
    for (const which of ['whole', 'any'] as const) {
      const stored = await this.#stored(id, which);
      if (nearest === null || (stored !== null && compareIds(stored.state.position, nearest.state.position) > 0))
        nearest = stored;
      if (nearest !== null && (await this.#through(nearest, to))) return nearest;
    }
    nearest ??= { state: new StreamEnricher(this.#options.stream, this.#options), whole: true };
    await this.#through(nearest, to, Number.POSITIVE_INFINITY, (before) => this.#lose(nearest, before ?? id));
    return nearest;
  }

  /** The same place of the stream without the hole, should a worker that has none have stored its state since. */
  async #mended(own: Course): Promise<Course> {
    const stored = await this.#stored(own.state.position, 'whole');
    return stored !== null && (await this.#through(stored, own.state.position)) ? stored : own;
  }

  async #takeAgain(entries: readonly Delivery[]): Promise<Outcome[]> {
    const wanted = new Map(entries.map((entry) => [entry.id, entry]));
    const { id: first } = entries[0]!;
    const course = await this.#bring(null, first, `(${first}`);
    const { state } = course;
    const last = entries[entries.length - 1]!.id;
    const found: Outcome[] = [];
    while (found.length < wanted.size) {
      const page = await this.#page(state.position, last);
      if (page.gone) this.#lose(course, page.entries[0]?.id ?? last);
      for (const each of page.entries) {
        const entry = wanted.get(each.id);
        if (entry !== undefined) found.push(outcome(state, entry));
        else this.#go(state, [each]);
      }
      if (!page.more) break;
    }
    if (this.#own === null || compareIds(state.position, this.#own.state.position) > 0) this.#own = course;
    return found;
  }

  async #stored(id: string, which: 'whole' | 'any'): Promise<Course | null> {
    const { stream, fingerprint } = this.#options;
    const stored = await this.#needs.states.before(stream, fingerprint, id, which);
    if (stored === null) return null;
    const state = new StreamEnricher(stream, this.#options, stored.state, stored.position);
    return { state, whole: stored.whole };
  }

  /** Takes in the entries up to `to`. False where `pages` were not enough, or some are gone and there is no `over` to make the best of it. */
  async #through(
    { state }: Course,
    to: string,
    pages = Number.POSITIVE_INFINITY,
    over?: (before: string | undefined) => void,
  ): Promise<boolean> {
    for (let n = 0; n < pages; n += 1) {
      const { entries, gone, more } = await this.#page(state.position, to);
      if (gone && over === undefined) return false;
      if (gone) over?.(entries[0]?.id);
      this.#go(state, entries);
      if (!more) return true;
    }
    return false;
  }

  /** Entries after the one at `position`, and whether some of them are gone, or more are there. */
  async #page(position: string, to: string): Promise<{ entries: Entry[]; gone: boolean; more: boolean }> {
    const { stream } = this.#options;
    // With the one at `position`: while it is there, so is everything after it.
    const entries = await this.#needs.streams.range(stream, position, to, PAGE + 1);
    const more = entries.length > PAGE;
    if (entries[0]?.id === position) return { entries: entries.slice(1), gone: false, more };
    if (position === '0-0') return { entries, gone: false, more };
    const [oldest] = await this.#needs.streams.range(stream, '-', '+', 1);
    return { entries, gone: oldest === undefined || compareIds(oldest.id, position) > 0, more };
  }

  /** Makes the best of a state that lacks the entries between its own and `before`. */
  #lose(course: Course, before: string): void {
    const { stream } = this.#options;
    const after = course.state.position;
    course.state.missed();
    course.whole = false;
    if (this.#toldHole === `${after} ${before}`) return;
    this.#toldHole = `${after} ${before}`;
    this.#needs.journal.event(
      'error',
      'entry.trimmed',
      `${stream} was trimmed between ${after} and ${before} before this worker read those entries: bars that they may belong to are partial; keep the stream longer`,
      { after, before },
    );
  }

  #go(state: StreamEnricher, entries: readonly Entry[]): void {
    for (const entry of entries) outcome(state, { ...entry, deliveries: 0 });
    this.followed += entries.length;
    this.#sinceStored += entries.length;
  }
}

function outcome(state: StreamEnricher, entry: Delivery): Outcome {
  try {
    return { entry, ...state.take(entry.id, entry.fields) };
  } catch (error) {
    // A defect of ours. The same entry does the same to every worker, so that the state stays what it is for all of them.
    return { entry, failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
