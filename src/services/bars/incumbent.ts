import type { BuilderState } from '../../domain/bar/bar-builder.ts';
import { barFields } from '../../domain/bar/bar-codec.ts';
import { barStream, checkpointStream, SUPERSEDED_BY } from '../../domain/bar/bar-topics.ts';
import { unlessAborted } from '../../domain/base/unless-aborted.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { type GapRecord, gapsStream, parseGap } from '../../domain/gap/gap.ts';
import { REJECTED_STREAM, rejectedHeaders } from '../../domain/tape/rejected.ts';
import { TapeTail } from '../../domain/tape/tape-alignment.ts';
import type { EntryStream, NewEntry } from '../../ports/entry-stream.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import type { StreamBegin, TapeEnd, TapeEnds, TapeNote, TapeTick, TickTape } from '../../ports/tick-tape.ts';
import { type BarMetrics, barMetrics } from './bar-metrics.ts';
import type { BarsNeeds } from './bars.ts';
import { type BuildOptions, SymbolBars } from './symbol-bars.ts';

export interface IncumbentOptions extends BuildOptions {
  /** Names this run; new for each. */
  readonly instance: string;
  /** `stream:bar`: bars go to `<prefix>:1m:<SYMBOL>`. */
  readonly streams: string;
  /** Bars kept in each stream; null keeps all. */
  readonly keepBars: number | null;
  /** Most ticks taken at once. */
  readonly batch: number;
}

/** What the incumbent needs. */
export interface IncumbentNeeds extends BarsNeeds {
  readonly tape: TickTape;
  readonly streams: EntryStream;
  /**
   * The side from which readers take bars instead of here, or null: each bar that is written says so. Asked every two seconds. Absent:
   * nobody can be switched away from these bars.
   */
  supersededBy?(): Promise<string | null>;
}

/** Where the incumbent stands with a symbol: written together with its bars, all or nothing. */
interface Checkpoint {
  readonly instance: string;
  readonly state: BuilderState;
  readonly tail: readonly number[];
  readonly receivedAt: number;
  readonly lastTs: number | null;
  /** Instance and number of the last tick: what waits on disk may begin before it. */
  readonly last: LastTick;
}

interface LastTick {
  readonly instance: string;
  readonly seq: number;
}

/** Where the incumbent stands as a whole. */
interface Heartbeat {
  readonly instance: string;
  /** Rises with each write of this instance. */
  readonly write: number;
  /** Everything received before this (epoch milliseconds) is in the checkpoints. */
  readonly through: number | null;
  readonly clean: boolean;
  /** Instances of the runs before, newest first. */
  readonly runs?: readonly string[];
  readonly begin?: StreamBegin | null;
}

/** Where an earlier run left off. */
interface ResumePoint {
  readonly note: TapeNote;
  readonly ends: TapeEnds;
}

interface LiveSymbol {
  readonly pipeline: SymbolBars;
  /** Of what follows one another. */
  tail: TapeTail;
  receivedAt: number;
  last: LastTick;
  /** Whether ticks came since the last checkpoint. */
  dirty: boolean;
}

const CHECKPOINT_EVERY_MS = 2_000;
/** With so many ticks that no checkpoint has, the next one does not wait: the tape keeps them until then. */
const MOST_UNNOTED = 50_000;
const KEEP_REJECTED = 100_000;
const HEARTBEAT = '*';
const KEEP_GAPS = 10_000;
const KEEP_RUNS = 20;
const DRAIN_MS = 6_000;

/** Builds bars straight from pub/sub into Redis streams: what a desk without a record log has today, made restartable. */
export class IncumbentBars implements Service {
  readonly name = 'bars-incumbent';
  readonly #needs: IncumbentNeeds;
  readonly #options: IncumbentOptions;
  readonly #metrics: BarMetrics;
  readonly #symbols = new Map<string, LiveSymbol>();
  #work: Promise<unknown> = Promise.resolve();
  #gaps: GapRecord[] = [];
  readonly #openGaps = new Set<string>();
  /** Keys that hold something else than the stream that belongs there, as told. */
  readonly #occupied = new Set<string>();
  #available = true;
  #written = 0;
  #writes = 0;
  /** Ticks that were taken in since the last checkpoint. */
  #unnoted = 0;
  #through: number | null = null;
  #runs: readonly string[] = [];
  #supersededBy: string | null = null;

  constructor(needs: IncumbentNeeds, options: IncumbentOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#metrics = barMetrics(needs.metrics, 'incumbent');
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, journal, tape } = this.#needs;
    const giveUp = new AbortController();
    // detached: `sleep` never rejects
    signal.addEventListener('abort', () => void clock.sleep(DRAIN_MS).then(() => giveUp.abort()), { once: true });
    const left = await this.#resume(signal);
    if (left === null) return;
    const { note, ends } = left;
    journal.event('info', 'service.started', 'incumbent bars subscribe', {
      instance: this.#options.instance,
      resumesFrom: note.through,
    });
    this.#through = note.through;
    this.#runs = [this.#options.instance, ...(note.runs ?? [])].slice(0, KEEP_RUNS);
    for (const gap of ends.gaps) this.#openGaps.add(gap.id);
    await this.#lookAtSource(giveUp.signal);
    // Until all was taken: what stands behind a gap is given only once a checkpoint has what fills it.
    const taken = new AbortController();
    clock.every(CHECKPOINT_EVERY_MS, () => this.#serially(() => this.#beat(false, giveUp.signal)), taken.signal);
    const received = tape.run(note, (gap) => this.#onGap(gap), signal);
    await tape.resume(ends);
    try {
      await Promise.all([received, this.#takeAll(giveUp.signal)]);
    } finally {
      taken.abort();
    }
    await this.#serially(() => this.#beat(false, giveUp.signal));
    const parked = await tape.park();
    await this.#serially(() => this.#beat(parked, giveUp.signal));
    journal.event('info', 'service.stopped', `wrote ${this.#written} bars`);
  }

  readiness(): Readiness {
    if (!this.#needs.tape.subscribed) return { ready: false, detail: 'waits for Redis' };
    if (!this.#available) return { ready: false, detail: 'waits for Redis Streams' };
    return { ready: true, detail: this.#symbols.size > 0 ? 'builds bars' : 'waits for ticks' };
  }

  figures(): Record<string, number> {
    let open = 0;
    let ticks = 0;
    for (const { pipeline } of this.#symbols.values()) {
      open += pipeline.builder.openBars;
      ticks += pipeline.counts.taken;
    }
    return { ticks, bars: this.#written, open, openGaps: this.#openGaps.size };
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #takeAll(giveUp: AbortSignal): Promise<void> {
    const { tape, clock } = this.#needs;
    // Whoever waits for the next ticks waits no longer.
    // detached: it wakes who waits for ticks; a failure ends the process as a defect
    giveUp.addEventListener('abort', () => void tape.park(), { once: true });
    for (;;) {
      const ticks = await tape.next(this.#options.batch);
      if (ticks.length === 0 || giveUp.aborted) return;
      await this.#serially(async () => {
        const now = clock.now();
        for (const tick of ticks) this.#take(tick, now);
        this.#unnoted += ticks.length;
        await this.#write(this.#withBars(), giveUp);
      });
      if (this.#unnoted >= MOST_UNNOTED) await this.#serially(() => this.#beat(false, giveUp));
    }
  }

  #take(tick: TapeTick, now: number): void {
    const { symbol, payload, receivedAt, joinedAt } = tick;
    // A channel that names no symbol is told by the mirror; here there is nothing to build.
    if (symbol === null) return;
    const live = this.#symbol(symbol);
    if (tick.instance === live.last.instance && tick.seq <= live.last.seq) return;
    live.last = { instance: tick.instance, seq: tick.seq };
    if (joinedAt !== null) {
      live.pipeline.builder.joined(joinedAt);
      // Across what may be missing, what came before says nothing of what comes next.
      live.tail = new TapeTail();
    }
    live.pipeline.lastTakenAt = now;
    live.pipeline.take(payload, tick.seq, receivedAt, () => `channel ${tick.channel}, ${tick.instance}/${tick.seq}`);
    live.tail.push(tick.hash);
    live.receivedAt = receivedAt;
    live.dirty = true;
  }

  #symbol(symbol: string, checkpoint: Checkpoint | null = null): LiveSymbol {
    let live = this.#symbols.get(symbol);
    if (live === undefined) {
      live = {
        pipeline: new SymbolBars(symbol, this.#options, null, checkpoint?.state ?? null),
        tail: new TapeTail(checkpoint?.tail),
        receivedAt: checkpoint?.receivedAt ?? 0,
        last: checkpoint?.last ?? { instance: '', seq: 0 },
        dirty: false,
      };
      this.#symbols.set(symbol, live);
    }
    return live;
  }

  #withBars(): LiveSymbol[] {
    return [...this.#symbols.values()].filter(
      ({ pipeline }) => pipeline.bars.length > 0 || pipeline.rejects.length > 0,
    );
  }

  /** Closes idle minutes, and notes where everything stands, so that a crash repeats little. */
  async #beat(clean: boolean, giveUp: AbortSignal): Promise<void> {
    await this.#lookAtSource(giveUp);
    const now = this.#needs.clock.now();
    let open = 0;
    for (const { pipeline } of this.#symbols.values()) {
      pipeline.idle(now);
      open += pipeline.builder.openBars;
    }
    this.#metrics.open.set(open);
    const dirty = [...this.#symbols.values()].filter((live) => live.dirty || live.pipeline.bars.length > 0);
    this.#through = this.#needs.tape.through(false) ?? this.#through;
    const noted = this.#unnoted;
    if (!(await this.#write(dirty, giveUp, this.#heartbeatOf(clean)))) return;
    // Before a checkpoint has them they must not leave the disk: what remains there would hide that they are missing.
    await this.#needs.tape.taken(noted);
    this.#unnoted -= noted;
  }

  /** While it cannot be asked, what was known last holds. */
  async #lookAtSource(giveUp: AbortSignal): Promise<void> {
    const { supersededBy } = this.#needs;
    if (supersededBy === undefined) return;
    try {
      this.#supersededBy = await unlessAborted(supersededBy(), giveUp, this.#supersededBy);
    } catch (error) {
      if (!(error instanceof PulseError && error.retry)) throw error;
    }
  }

  #heartbeatOf(clean: boolean): Heartbeat {
    const { begin } = this.#needs.tape;
    return {
      instance: this.#options.instance,
      write: this.#writes + 1,
      through: this.#through,
      clean,
      runs: this.#runs,
      begin,
    };
  }

  /** Writes bars, rejects, gaps and checkpoints in one append, again and again until it is in (true) or `giveUp` aborts. */
  async #write(symbols: readonly LiveSymbol[], giveUp: AbortSignal, heartbeat?: Heartbeat): Promise<boolean> {
    // More may be told while these are under way.
    const gaps = [...this.#gaps];
    if (symbols.length === 0 && gaps.length === 0 && heartbeat === undefined) return true;
    this.#writes += 1;
    const entries = symbols.flatMap((live) => this.#entries(live));
    for (const gap of gaps)
      entries.push({
        stream: gapsStream(this.#options.streams),
        fields: { id: gap.id, j: JSON.stringify(gap) },
        maxLen: KEEP_GAPS,
      });
    const beat = {
      ...(heartbeat ?? this.#heartbeatOf(false)),
      write: this.#writes,
    };
    entries.push({
      stream: checkpointStream(this.#options.streams, HEARTBEAT),
      fields: { j: JSON.stringify(beat) },
      maxLen: 1,
    });
    if (!(await this.#append(entries, giveUp))) return false;
    this.#gaps = this.#gaps.slice(gaps.length);
    for (const live of symbols) {
      this.#metrics.count([live.pipeline]);
      this.#written += live.pipeline.bars.length;
      live.pipeline.bars = [];
      live.pipeline.rejects = [];
      live.dirty = false;
    }
    return true;
  }

  async #append(entries: readonly NewEntry[], giveUp: AbortSignal): Promise<boolean> {
    const { clock, journal } = this.#needs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        // A server that takes long to answer must not hold up the end.
        if (!(await unlessAborted(this.#appendOnce(entries, attempt), giveUp, false))) return false;
        if (!this.#available) journal.event('info', 'engine.restored', 'Redis Streams answer again');
        this.#available = true;
        return true;
      } catch (error) {
        if (!(error instanceof PulseError)) throw error;
        if (error.code === 'redis.occupied') {
          this.#tellOccupied(error, entries);
          return true;
        }
        if (!error.retry) throw error;
        if (this.#available) journal.event('warn', 'engine.lost', error.message);
        this.#available = false;
      }
      if (giveUp.aborted) return false;
      await clock.sleep(Math.min(100 * 2 ** attempt, 2_000), giveUp);
    }
  }

  /** Everything was written but what belongs into keys that hold something else: that is not the others' fault. */
  #tellOccupied({ message, evidence }: PulseError, entries: readonly NewEntry[]): void {
    const streams = new Set(evidence.keys as readonly string[]);
    this.#metrics.refused(entries.filter(({ stream }) => streams.has(stream)).length);
    const fresh = [...streams].filter((stream) => !this.#occupied.has(stream));
    for (const stream of fresh) this.#occupied.add(stream);
    if (fresh.length > 0) this.#needs.journal.event('error', 'key.occupied', message, { streams: fresh });
  }

  /** After a failure the append may be in all the same; its heartbeat tells. */
  async #appendOnce(entries: readonly NewEntry[], attempt: number): Promise<true> {
    if (attempt === 0 || !(await this.#isIn(this.#writes))) await this.#needs.streams.append(entries);
    return true;
  }

  async #isIn(write: number): Promise<boolean> {
    const last = await this.#heartbeat();
    return last !== null && last.instance === this.#options.instance && last.write >= write;
  }

  #entries({ pipeline, tail, receivedAt, last }: LiveSymbol): NewEntry[] {
    const { streams, keepBars, bars: options, instance } = this.#options;
    const { symbol, builder } = pipeline;
    const superseded = this.#supersededBy === null ? {} : { [SUPERSEDED_BY]: this.#supersededBy };
    const entries: NewEntry[] = pipeline.bars.map((b) => ({
      stream: barStream(streams, symbol, b.tf),
      fields: { ...barFields(b, options), ...superseded },
      ...(keepBars !== null && { maxLen: keepBars }),
    }));
    for (const reject of pipeline.rejects)
      entries.push({
        stream: REJECTED_STREAM,
        fields: { j: reject.payload, ...rejectedHeaders(reject) },
        maxLen: KEEP_REJECTED,
      });
    const watermark = builder.watermark;
    const checkpoint: Checkpoint = {
      instance,
      state: builder.snapshot(),
      tail: tail.hashes(),
      receivedAt,
      lastTs: Number.isFinite(watermark) ? watermark : null,
      last,
    };
    entries.push({ stream: checkpointStream(streams, symbol), fields: { j: JSON.stringify(checkpoint) }, maxLen: 1 });
    return entries;
  }

  #onGap(gap: GapRecord): void {
    this.#gaps.push(gap);
    const data = { id: gap.id, reason: gap.reason, from: gap.from, to: gap.to, filled: gap.filled };
    const { journal } = this.#needs;
    if (gap.status === 'closed') {
      this.#openGaps.delete(gap.id);
      journal.event('info', 'gap.closed', `${gap.filled} ticks were filled in from Redis Streams`, data);
    } else if (!this.#openGaps.has(gap.id)) {
      this.#openGaps.add(gap.id);
      journal.event(
        gap.reason === 'start' ? 'info' : 'warn',
        'gap.opened',
        `ticks may have been missed until ${new Date(gap.to).toISOString()}`,
        data,
      );
    }
  }

  async #heartbeat(): Promise<Heartbeat | null> {
    const [entry] = await this.#needs.streams.newest(checkpointStream(this.#options.streams, HEARTBEAT), 1);
    return entry === undefined ? null : (JSON.parse(entry.fields.j!.toString()) as Heartbeat);
  }

  /** Gaps that earlier runs told of and left open. */
  async #openGapRecords(): Promise<GapRecord[]> {
    const newest = new Map<string, GapRecord>();
    for (const { fields } of await this.#needs.streams.newest(gapsStream(this.#options.streams), KEEP_GAPS)) {
      const gap = fields.j === undefined ? null : parseGap(fields.j);
      if (gap !== null && !newest.has(gap.id)) newest.set(gap.id, gap);
    }
    return [...newest.values()].filter(({ status }) => status === 'open');
  }

  /** Restores every symbol's builder; waits for Redis for as long as it takes. Null when `signal` aborted before. */
  async #resume(signal: AbortSignal): Promise<ResumePoint | null> {
    const { streams, clock, journal } = this.#needs;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const heartbeat = await this.#heartbeat();
        const ends = new Map<string, TapeEnd>();
        const prefix = checkpointStream(this.#options.streams, '');
        for (const name of await streams.streams(`${prefix}*`)) {
          const symbol = name.slice(prefix.length);
          const [entry] = await streams.newest(name, 1);
          if (symbol === HEARTBEAT || entry === undefined) continue;
          const checkpoint = JSON.parse(entry.fields.j!.toString()) as Checkpoint;
          this.#symbol(symbol, checkpoint);
          const { tail, receivedAt, lastTs, last } = checkpoint;
          const taken = new Map([[last.instance, last.seq]]);
          ends.set(symbol, { hashes: tail, receivedAt, lastTs, taken, lastBy: last.instance });
        }
        this.#available = true;
        const { through = null, clean = false, runs = [], begin = null } = heartbeat ?? {};
        // One incumbent writes these streams: whatever stands in them is of its own runs.
        const own = [...runs, ...[...ends.values()].flatMap(({ lastBy }) => lastBy ?? [])];
        const note = { through, clean, runs: own, begin };
        return { note, ends: { shared: false, through, symbols: ends, gaps: await this.#openGapRecords() } };
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        if (this.#available) journal.event('warn', 'engine.lost', error.message);
        this.#available = false;
        await clock.sleep(Math.min(250 * 2 ** attempt, 5_000), signal);
      }
    }
    return null;
  }
}
