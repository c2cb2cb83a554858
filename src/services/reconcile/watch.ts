import { Cron } from 'croner';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Compared } from '../../domain/parity/parity.ts';
import { sides as bothSides, type Side } from '../../domain/parity/parity-bar.ts';
import type { SessionReport } from '../../domain/parity/parity-report.ts';
import { knowsAsMuch, revises } from '../../domain/parity/parity-revision.ts';
import type { UnreadableBar } from '../../domain/parity/side-bars.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import type { LedgerRow, ParityLedger } from '../../stores/parity-ledger.ts';
import { FollowedSymbol, type Followers } from './followed-symbol.ts';
import { type Reconciled, type ReconcileRules, reconcile, type Sides, symbolsOf } from './reconcile.ts';

export interface WatchNeeds {
  readonly sides: Sides;
  readonly ledger: ParityLedger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
  /** Tells which sessions the made-up market has ticks in, as things stand. */
  madeUp(): Promise<(report: SessionReport) => boolean>;
}

export interface WatchOptions extends ReconcileRules {
  /** In cron form, UTC. */
  readonly schedule: string;
}

/** How a running session stands. */
export interface Running {
  readonly agreeing: number;
  readonly expected: number;
}

/**
 * Reconciles on a schedule. Each session goes into the ledger once it is settled, and again where it comes to something else later; of a
 * session that is not, it knows how it stands.
 */
export class ParityWatch implements Service {
  readonly name = 'reconcile';
  readonly #needs: WatchNeeds;
  readonly #options: WatchOptions;
  readonly #parity;
  readonly #mismatches;
  readonly #seconds;
  /** By symbol, of the session that is not settled yet. */
  readonly running = new Map<string, Running>();
  readonly #followers: Followers;
  readonly #followed = new Map<string, FollowedSymbol>();
  #symbols = 0;
  #written = 0;
  #trouble: string | null = null;
  /** Bars that could not be read, by symbol and side: a number is told once, not with each round. */
  readonly #unreadable = new Map<string, number>();
  /** Why a symbol could not be compared, as told. */
  readonly #failing = new Map<string, string>();

  constructor(needs: WatchNeeds, options: WatchOptions) {
    this.#needs = needs;
    this.#options = options;
    const { metrics, sides } = needs;
    this.#followers = { incumbent: sides.incumbent.follow(), candidate: sides.candidate.follow() };
    this.#parity = metrics.gauge('pulse_parity_percent');
    this.#mismatches = metrics.counter('pulse_parity_mismatches_total');
    this.#seconds = metrics.gauge('pulse_reconcile_seconds');
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, journal } = this.#needs;
    const cron = new Cron(this.#options.schedule, { paused: true, timezone: 'UTC' });
    journal.event('info', 'service.started', `reconciles on ${this.#options.schedule} (UTC)`);
    while (!signal.aborted) {
      await this.#round();
      const next = cron.nextRun(new Date(clock.now()));
      if (next === null) break;
      await clock.sleep(Math.max(1, next.getTime() - clock.now()), signal);
    }
    journal.event('info', 'service.stopped', `wrote ${this.#written} sessions to the ledger`);
  }

  readiness(): Readiness {
    if (this.#trouble !== null) return { ready: false, detail: this.#trouble };
    return { ready: true, detail: this.#symbols === 0 ? 'waits for bars' : `compares ${this.#symbols} symbols` };
  }

  figures(): Record<string, number> {
    let [agreeing, expected] = [0, 0];
    for (const now of this.running.values()) {
      agreeing += now.agreeing;
      expected += now.expected;
    }
    return { symbols: this.#symbols, sessions: this.#written, agreeing, expected };
  }

  /** A run that fails for want of an engine is made up for by the next one. */
  async #round(): Promise<void> {
    const { sides, clock, journal } = this.#needs;
    const begun = clock.monotonic();
    try {
      const symbols = await symbolsOf(sides);
      for (const side of bothSides) await this.#followers[side].begin();
      for (const symbol of symbols) await this.#apart(symbol);
      this.#symbols = symbols.length;
      if (this.#trouble !== null) journal.event('info', 'engine.restored', 'reconciles again');
      this.#trouble = null;
    } catch (error) {
      if (!(error instanceof PulseError && error.retry)) throw error;
      if (this.#trouble === null) journal.event('warn', 'engine.lost', error.message, { code: error.code });
      this.#trouble = error.message;
    }
    this.#seconds.set((clock.monotonic() - begun) / 1000);
  }

  /** What is wrong with one symbol's bars or ticks keeps no other from being compared. */
  async #apart(symbol: string): Promise<void> {
    try {
      await this.#symbol(symbol);
      this.#failing.delete(symbol);
    } catch (error) {
      // Engines that are away, or refuse, are so for all.
      if (error instanceof PulseError && (error.retry || error.exit === 77)) throw error;
      this.running.delete(symbol);
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#failing.get(symbol) !== reason)
        this.#needs.journal.event('error', 'parity.failed', `${symbol} could not be compared: ${reason}`, { symbol });
      this.#failing.set(symbol, reason);
    }
  }

  /** What is settled and in the ledger is not looked at again, unless a bar of it comes after all: then all that stands there is. */
  async #symbol(symbol: string): Promise<void> {
    const { sides, clock } = this.#needs;
    const now = clock.now();
    const followed = this.#followed.get(symbol) ?? new FollowedSymbol(symbol, sides, this.#followers, this.#options);
    this.#followed.set(symbol, followed);
    const first = await followed.compare(now);
    // What goes into the ledger is made of what stands there, and not of what was kept from an earlier round.
    const reconciled = await this.#record(symbol, now, first, () => followed.again(now));
    if (followed.isOlder) {
      const whole = await reconcile(sides, symbol, { every: 'session' }, this.#options, now);
      await this.#record(symbol, now, whole, async () => whole);
      followed.wholeCompared();
    }
    this.running.delete(symbol);
    for (const { report } of reconciled.compared) if (!report.whole) this.running.set(symbol, report);
    for (const side of bothSides) this.#tellUnreadable(symbol, side, reconciled.unreadable[side]);
    await followed.endTurn(reconciled);
  }

  /** Records the sessions that the ledger does not have yet, or otherwise, as they stand `again`. */
  async #record(symbol: string, now: number, found: Reconciled, again: () => Promise<Reconciled>): Promise<Reconciled> {
    const wholes = found.compared.filter(({ report }) => report.whole);
    if (wholes.length === 0) return found;
    const known = await this.#known(symbol, wholes.length);
    const isMadeUp = await this.#needs.madeUp();
    const changes = ({ report }: Compared): boolean => {
      // What is further back than the ledger was asked for stands in it, or is of no use to the gate.
      if (!report.whole || report.session! < known.oldest) return false;
      const before = known.rows.get(sessionKey(report));
      if (before === undefined) return true;
      if (!knowsAsMuch(report, before.report)) return false;
      return before.demo !== isMadeUp(report) || revises(report, before.report);
    };
    if (!wholes.some(changes)) return found;
    const stands = await again();
    for (const { report } of stands.compared.filter(changes))
      if (await this.#needs.ledger.record(report, { at: now, demo: isMadeUp(report), kind: 'parity' }))
        this.#tell(report, known.rows.get(sessionKey(report)) ?? null);
    return stands;
  }

  /** What the ledger has of the newest sessions: of so many, and of a few more, on whatever calendar. */
  async #known(symbol: string, sessions: number): Promise<{ rows: Map<string, LedgerRow>; oldest: string }> {
    const limit = sessions < FEW ? 2 * FEW : KNOWN;
    const rows = await this.#needs.ledger.sessions(symbol, limit);
    const oldest = rows.length < limit ? '' : rows.at(-1)!.report.session!;
    return { rows: new Map(rows.map((row) => [sessionKey(row.report), row])), oldest };
  }

  #tellUnreadable(symbol: string, side: Side, bars: readonly UnreadableBar[]): void {
    const key = `${symbol} ${side}`;
    if (bars.length !== (this.#unreadable.get(key) ?? 0) && bars.length > 0)
      this.#needs.journal.event(
        'warn',
        'parity.verdict',
        `${bars.length} bars of ${symbol} on the ${side}'s side cannot be read; the last at ${bars.at(-1)!.place}: ${bars.at(-1)!.reason}`,
      );
    this.#unreadable.set(key, bars.length);
  }

  #tell(report: SessionReport, before: LedgerRow | null): void {
    const { symbol, session, parity, verdict, expected, agreeing, causes } = report;
    this.#written += 1;
    if (parity !== null) this.#parity.set(parity, { symbol });
    for (const [cause, count] of Object.entries(causes)) {
      const told = before?.report.causes[cause as keyof typeof causes] ?? 0;
      if (count > told) this.#mismatches.inc(count - told, { symbol, cause });
    }
    const level = verdict === 'below threshold' || verdict === 'side missing' ? 'warn' : 'info';
    const share = parity === null ? 'no ticks' : `${parity} % (${agreeing} of ${expected} bars agree)`;
    const again = before === null ? '' : '; it was recorded before, and has changed';
    this.#needs.journal.event(level, 'parity.verdict', `${symbol} ${session}: ${verdict}, ${share}${again}`, {
      symbol,
      session,
      verdict,
      parity,
      causes,
    });
  }
}

/** The same date is another session on another calendar. */
const sessionKey = ({ calendar, session }: SessionReport): string => `${calendar} ${session}`;

/** Sessions of a symbol that the ledger is asked for: more than streams keep, on more than one calendar. */
const KNOWN = 400;
/** So many at most are followed for want of being settled, or recorded: then the newest of the ledger are enough to look at. */
const FEW = 5;
