import { StateMachine } from '../../domain/base/state-machine.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { GapRecord } from '../../domain/gap/gap.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Lease } from '../../ports/lease.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import type { Spool } from '../../ports/spool.ts';
import type { TapeTick, TickTape } from '../../ports/tick-tape.ts';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import { GapWriter } from './gap-writer.ts';
import { type HolderNote, LeaseKeeper, type LeaseOptions, type Tenure } from './lease-keeper.ts';
import { MirrorMetrics } from './mirror-metrics.ts';
import { type MirrorNote, parseNote, readEnds, readGaps } from './resume.ts';
import { UnderWay } from './under-way.ts';

export interface MirrorNeeds {
  readonly tape: TickTape;
  readonly log: RecordLog;
  readonly lease: Lease;
  /** The same spool that the tape uses: its note tells a later run where this one was. */
  readonly spool: Spool;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

export interface MirrorOptions extends DeliveryOptions, LeaseOptions {
  /** Names this run; new for each. */
  readonly instance: string;
  /** Channels that are mirrored: `ticks.*` */
  readonly pattern: string;
  /** Most ticks in one append. */
  readonly batch: number;
}

/**
 * `standby`: receives, and waits for the lease. `taking-over`: holds it, and looks where the log ends. `holding`: writes. `ending`: was told
 * to end.
 */
type Role = 'standby' | 'taking-over' | 'holding' | 'ending';

const NOTE_EVERY_MS = 1_000;
/** Of the ten seconds in which a service must end, what is left to the delivery of what waits. */
const DRAIN_MS = 5_000;
/** The same while the log does not answer: what waits goes to disk. */
const SHORT_DRAIN_MS = 1_000;
const RETRY_MS = 250;
/** Ticks that wait at once for topics of new symbols while others go by; about 500 bytes each. More wait in the tape. */
const MOST_UNDER_WAY = 100_000;
const KEEP_RUNS = 20;

/** Mirrors the ticks of a pub/sub pattern into the record log: every payload once, in order per symbol, bytes unchanged. */
export class Mirror implements Service {
  readonly name = 'mirror';
  readonly #needs: MirrorNeeds;
  readonly #options: MirrorOptions;
  readonly #delivery: Delivery;
  readonly #gaps: GapWriter;
  readonly #keeper: LeaseKeeper;
  readonly #metrics: MirrorMetrics;
  readonly #giveUp = new AbortController();
  readonly #role = new StateMachine<Role>('the mirror', 'standby', {
    standby: ['taking-over', 'ending'],
    'taking-over': ['holding', 'standby', 'ending'],
    holding: ['standby', 'ending'],
    ending: [],
  });
  #last: MirrorNote | null = null;
  #heldBy: string | null = null;
  #leaseTrouble: PulseError | null = null;
  #floor = 0;
  #tenure: Tenure | null = null;
  #ending = false;

  constructor(needs: MirrorNeeds, options: MirrorOptions) {
    const { log, lease, clock, metrics, journal } = needs;
    this.#needs = needs;
    this.#options = options;
    this.#delivery = new Delivery(log, clock, journal, options);
    this.#gaps = new GapWriter(log, clock, this.#delivery, () => this.#tenure?.holds() === true, this.#giveUp.signal);
    this.#keeper = new LeaseKeeper(lease, clock, options.instance, options, () => this.#through());
    this.#metrics = new MirrorMetrics(metrics, journal);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { tape, spool, clock, journal } = this.#needs;
    const failure = new AbortController();
    const end = AbortSignal.any([signal, failure.signal]);
    end.addEventListener('abort', () => (this.#ending = true), { once: true });
    this.#ending = end.aborted;
    // detached: `#end` awaits the same parking of the tape; a failure ends the process as a defect
    if (end.aborted) void this.#drain();
    // detached: `#end` awaits the same parking of the tape; a failure ends the process as a defect
    end.addEventListener('abort', () => void this.#drain(), { once: true });
    this.#last = parseNote(spool.note());
    for (const gap of this.#last?.gaps ?? []) this.#gaps.put(gap);
    clock.every(NOTE_EVERY_MS, () => this.#note(false), end);
    clock.every(250, () => this.#metrics.watch(tape.waiting), end);
    const { through = null, clean = false, begin = null } = this.#last ?? {};
    journal.event('info', 'service.started', 'mirror subscribes', {
      instance: this.#options.instance,
      resumesFrom: through,
    });
    try {
      const received = tape.run({ through, clean, begin, runs: this.#runs() }, (gap) => this.#onGap(gap), end);
      await Promise.race([Promise.all([received, this.#work(end)]), this.#gaps.failed]);
    } catch (error) {
      failure.abort();
      await this.#keeper.release();
      throw error;
    }
    await this.#end();
  }

  /** Whoever waits for the next ticks waits no longer than this. */
  async #drain(): Promise<void> {
    const { clock, tape } = this.#needs;
    const begun = clock.monotonic();
    while (clock.monotonic() - begun < DRAIN_MS && !this.#giveUp.signal.aborted) {
      await clock.sleep(RETRY_MS, this.#giveUp.signal);
      const waited = clock.monotonic() - begun;
      if (waited >= SHORT_DRAIN_MS && (!this.#delivery.available || this.#leaseTrouble !== null)) break;
    }
    this.#giveUp.abort();
    await tape.park();
  }

  async #end(): Promise<void> {
    const { tape, journal } = this.#needs;
    const delivered = tape.waiting.memory + tape.waiting.disk === 0;
    const kept = await tape.park();
    this.#giveUp.abort();
    await this.#note(kept);
    // What the log is not told of now is in the note, for the next run to tell.
    await Promise.race([this.#gaps.written(), this.#needs.clock.sleep(SHORT_DRAIN_MS)]);
    await this.#note(kept);
    await this.#keeper.release();
    journal.event('info', 'service.stopped', `mirrored ${this.#metrics.count} ticks`, {
      delivered,
      parked: !delivered && kept,
    });
  }

  /**
   * Everything published before this moment is in the log, or in a gap of which the log was told all (epoch milliseconds; null where
   * nothing is known). Of one that waits to be told, whoever takes over must still hold what was received about it.
   */
  #through(): number | null {
    const through = this.#needs.tape.through(false);
    if (through === null) return null;
    return Math.min(through, ...this.#gaps.waiting.map(({ from }) => from ?? through));
  }

  #runs(): string[] {
    const { instance, runs = [] } = this.#last ?? {};
    return [this.#options.instance, ...(instance === undefined ? [] : [instance, ...runs])].slice(0, KEEP_RUNS);
  }

  /** Takes the lease and writes for as long as it holds it, again and again, until it is told to end. */
  async #work(end: AbortSignal): Promise<void> {
    const { clock, tape } = this.#needs;
    const giveUp = this.#giveUp.signal;
    const isDone = (): boolean =>
      end.aborted && (this.#heldBy !== null || tape.waiting.memory + tape.waiting.disk === 0);
    while (!giveUp.aborted && !isDone()) {
      const tenure = await this.#keeper.take(this.#floor, this.#watch, giveUp);
      if (tenure === null) break;
      this.#tenure = tenure;
      this.#heldBy = null;
      this.#leaseTrouble = null;
      this.#role.to('taking-over');
      if (await this.#takeOver(tenure)) {
        this.#role.to('holding');
        this.#metrics.holds(tenure.epoch);
        const over = await this.#deliverAll(tenure);
        if (over) break;
      } else await clock.sleep(RETRY_MS, this.#giveUp.signal);
      await tape.hold();
      this.#role.to('standby');
      if (tenure.over.aborted && !this.#giveUp.signal.aborted) this.#metrics.lost(tenure.epoch);
      await this.#logAnswers();
    }
    this.#role.to('ending');
  }

  readonly #watch = {
    waits: async (heldBy: string, note: HolderNote | null): Promise<void> => {
      if (this.#heldBy !== heldBy) this.#metrics.standsBy(heldBy);
      this.#heldBy = heldBy;
      this.#leaseTrouble = null;
      if (note !== null) await this.#needs.tape.forget(note.through);
      // Another one writes: what is held here is of no use but to a later take-over.
      if (this.#ending) this.#giveUp.abort();
    },
    unreachable: (error: PulseError): void => {
      this.#leaseTrouble = error;
    },
  };

  /** Finds out where the log ends, and lets the tape go on from there; false where the lease was lost before, or the log went away. */
  async #takeOver(tenure: Tenure): Promise<boolean> {
    const { tape, log } = this.#needs;
    try {
      const ends = await readEnds(log);
      const told = Map.groupBy(await readGaps(log, this.#options.pattern), ({ status }) => status);
      this.#delivery.answers();
      if (ends.epoch >= tenure.epoch) {
        // The server of the lease lost its memory: readers would leave out whatever is written in this epoch.
        this.#floor = ends.epoch;
        return false;
      }
      if (!tenure.holds()) return false;
      this.#delivery.begin(tenure.epoch, ends.follows);
      // Another one has closed them since.
      this.#gaps.forget((told.get('closed') ?? []).map(({ id }) => id));
      const gaps = this.#gaps.open(told.get('open') ?? []);
      // Not that of this mirror's own note: by that, what waits on its disk is safe, too.
      const through = tenure.before?.through ?? null;
      const { symbols, refused } = ends;
      await tape.resume({ shared: true, symbols, refused, through, gaps });
      return tenure.holds();
    } catch (error) {
      if (!(error instanceof PulseError && error.retry)) throw error;
      this.#delivery.lost(error);
      return false;
    }
  }

  /** Delivers until nothing more comes (true), or the lease is lost, the log did not answer, or the tape is to go on from where the log ends now. */
  async #deliverAll(tenure: Tenure): Promise<boolean> {
    const { tape, clock } = this.#needs;
    const ended = new AbortController();
    const stop = AbortSignal.any([tenure.over, this.#giveUp.signal, ended.signal]);
    // Who waits for the next ticks hears of it, too.
    // detached: it wakes who waits for ticks; a failure ends the process as a defect
    const wake = (): void => void tape.hold();
    tenure.over.addEventListener('abort', wake, { once: true, signal: ended.signal });
    let rejected = this.#delivery.rejected;
    const brought = (ticks: readonly TapeTick[]): void => {
      const rejects = this.#delivery.rejected - rejected;
      rejected += rejects;
      this.#metrics.delivered(ticks, rejects, (clock.now() - ticks[0]!.receivedAt) / 1000);
    };
    const underWay = new UnderWay(tape, brought, wake);
    try {
      for (;;) {
        const ticks = await tape.next(this.#options.batch);
        if (ticks.length === 0) return (await underWay.atMost(0)) && tape.over && !tenure.over.aborted;
        // A tick in the log must not hide that others before it may be missing: what tells of that goes first.
        if (!(await this.#gaps.written()) || !tenure.holds()) return false;
        const { known, all } = this.#delivery.start(ticks, stop);
        underWay.add(ticks, all);
        if (!(await known) || !(await underWay.atMost(MOST_UNDER_WAY))) return false;
      }
    } finally {
      // Nothing of this tenure may come into the log after it.
      ended.abort();
      await underWay.end();
    }
  }

  /** Resolves once the log answers, or it is told to give up. */
  async #logAnswers(): Promise<void> {
    const { log, clock } = this.#needs;
    while (!this.#delivery.available && !this.#giveUp.signal.aborted) {
      try {
        await log.ping();
        this.#delivery.answers();
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        await clock.sleep(RETRY_MS, this.#giveUp.signal);
      }
    }
  }

  #onGap(gap: GapRecord): void {
    // A process that stood still is told of the loss of its lease later than of what happened meanwhile: whoever holds it tells that.
    if (this.#tenure?.holds() === false) return;
    this.#gaps.put(gap);
    this.#metrics.gap(gap);
  }

  /** Tells a later run where this one is. */
  async #note(clean: boolean): Promise<void> {
    const { tape, spool } = this.#needs;
    const through = tape.through(true);
    // Without it nothing is known of any moment, as before a first start.
    if (through === null) return;
    // A later one lies within the gap that the next run would begin with.
    const gaps = this.#gaps.waiting.filter(({ from }) => from === null || from < through);
    const [instance, ...runs] = this.#runs() as [string, ...string[]];
    const note: MirrorNote = { instance, through, clean, gaps, runs, begin: tape.begin };
    try {
      await spool.setNote(JSON.stringify(note));
    } catch {
      // A full disk: with the note before it the next run looks further back, and finds what is in the log already.
    }
  }

  readiness(): Readiness {
    if (!this.#needs.tape.subscribed) return { ready: false, detail: 'waits for Redis' };
    if (this.#leaseTrouble !== null)
      return { ready: false, detail: `waits for the lease: ${this.#leaseTrouble.message}` };
    if (this.#role.is('standby') && this.#heldBy !== null)
      return { ready: true, detail: `standby: receives, and waits for the lease that ${this.#heldBy} holds` };
    if (!this.#delivery.available) return { ready: false, detail: 'waits for the record log; ticks go to the spool' };
    if (!this.#role.is('holding')) return { ready: false, detail: 'takes over: looks where the log ends' };
    return { ready: true, detail: 'mirrors' };
  }

  figures(): Readonly<Record<string, number | string>> {
    const { memory, disk } = this.#needs.tape.waiting;
    const { count, openGaps } = this.#metrics;
    return { ticks: count, waiting: memory + disk, spooled: disk, openGaps, role: this.#role.state };
  }
}
