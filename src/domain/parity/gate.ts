import type { CalendarName, Session, TradingCalendar } from '../calendar/trading-calendar.ts';
import { PulseError } from '../errors/errors.ts';
import { boundPercent, percent, verdictOf } from './parity.ts';
import { type Side, sides } from './parity-bar.ts';
import { barsUntilProven } from './parity-bound.ts';
import type { SessionReport, SessionVerdict } from './parity-report.ts';
import { isAsStrict, type Tolerance } from './parity-tolerance.ts';

/**
 * When a symbol may be cut over: `sessions` consecutive sessions of its calendar or more, each at `threshold` percent or more within
 * `tolerance`, and enough bars in each and in all of them to conclude so.
 */
export interface GateRule {
  readonly threshold: number;
  readonly sessions: number;
  readonly tolerance: Tolerance;
  /** Fewer expected bars in a session, or in all of the run, are too little evidence. A run may be longer than `sessions` to have them. */
  readonly minSessionBars: number;
  readonly minRunBars: number;
  /** Whether the lower bound of the run's parity must reach the threshold too. */
  readonly proven: boolean;
}

/** Of 1000 bars one may differ at 99.9 %: fewer cannot tell that share from a lower one. */
export const defaultGateRule: Omit<GateRule, 'tolerance'> = {
  threshold: 99.9,
  sessions: 5,
  minSessionBars: 30,
  minRunBars: 1_000,
  proven: false,
};

/** What the gate needs of a reconciled session. */
export interface GateEntry {
  readonly symbol: string;
  readonly calendar: CalendarName;
  /** `YYYY-MM-DD`. */
  readonly session: string;
  readonly expected: number;
  readonly agreeing: number;
  readonly bars: SessionReport['bars'];
  /** What it was reconciled with. */
  readonly tolerance: Tolerance;
  /** What speaks against trusting that its bars agree. */
  readonly warnings?: readonly string[];
}

const gateStates = ['passed', 'too little evidence', 'below threshold', 'too few sessions', 'side missing'] as const;
export type GateState = (typeof gateStates)[number];

/** Exit codes of `pulse parity`. The only place that gives them. */
export const gateExitCodes: Readonly<Record<GateState, number>> = {
  passed: 0,
  'below threshold': 2,
  'too few sessions': 3,
  'too little evidence': 3,
  'side missing': 4,
};

/** Where one symbol stands. */
export interface SymbolGate {
  readonly symbol: string;
  readonly calendar: CalendarName;
  readonly state: GateState;
  /** Consecutive sessions at or above the threshold, up to the newest; counted no further than needed, for the bars too. */
  readonly run: number;
  readonly needed: number;
  readonly threshold: number;
  /** Dates of the run's first and last session; null without a run. */
  readonly since: string | null;
  readonly through: string | null;
  /** The session that ends the run, going back, and why; null where the run is long enough. */
  readonly broken: {
    readonly session: string;
    readonly why: Exclude<SessionVerdict, 'passed'> | 'not reconciled' | 'wider tolerance';
  } | null;
  /** Sides that have no bar of it now; null where that was not looked at. */
  readonly absent: readonly Side[] | null;
  readonly expected: number;
  readonly agreeing: number;
  /** Percent over the run, and its one-sided 95 % lower bound; null without a run. */
  readonly parity: number | null;
  readonly lowerBound: number | null;
  /** Within what the newest session of the run was reconciled, or else would be. */
  readonly tolerance: Tolerance;
  /** What speaks against trusting the run, by session. */
  readonly warnings: readonly string[];
  /** Whether the lower bound must reach the threshold too. */
  readonly proven: boolean;
  /** How many more bars must agree, and none differ, for the run to be enough evidence; 0 where it is. */
  readonly moreBars: number;
}

export interface Gate {
  readonly state: GateState;
  /** By symbol. */
  readonly symbols: readonly SymbolGate[];
  readonly exit: number;
}

/**
 * Where `symbol` stands, by the entries of its calendar; of a session reconciled again the last one given counts. The run is counted
 * back from the newest session: a session without ticks, never reconciled, or reconciled within a wider tolerance than the rule's breaks
 * it; days on which the calendar is closed do not, nor holidays without ticks.
 * `now` (epoch milliseconds) or null: sessions that ended by then should be there, save for the last one, which may be under way.
 */
export function symbolGate(
  symbol: string,
  calendar: TradingCalendar,
  entries: readonly GateEntry[],
  rule: GateRule,
  now: number | null,
): SymbolGate {
  const bySession = new Map<string, GateEntry>();
  for (const entry of entries)
    if (entry.symbol === symbol && entry.calendar === calendar.name) bySession.set(entry.session, entry);
  const newest = [...bySession.keys()].sort().at(-1);
  const run: GateEntry[] = [];
  let broken: SymbolGate['broken'] = null;
  for (
    let session = startOf(calendar, newest, now);
    session !== null && (run.length < rule.sessions || moreBarsOf(run, rule) > 0);
    session = calendar.lastEnded(session.from)
  ) {
    const entry = bySession.get(session.date);
    const why = standing(entry, rule);
    if ((why === 'no ticks' || why === 'too little evidence') && session.holiday) continue;
    if (why !== 'passed') {
      broken = { session: session.date, why };
      break;
    }
    run.unshift(entry!);
  }
  const state = stateOf(run, rule, broken);
  return { symbol, calendar: calendar.name, state, ...figuresOf(run, rule), broken, absent: null };
}

/** What a session says for the run. */
function standing(entry: GateEntry | undefined, rule: GateRule): SessionVerdict | 'not reconciled' | 'wider tolerance' {
  if (entry === undefined) return 'not reconciled';
  if (!isAsStrict(entry.tolerance, rule.tolerance)) return 'wider tolerance';
  return verdictOf(entry.bars, entry.agreeing, entry.expected, rule);
}

/** The same symbol, with the sides that have bars of it now: what a side no longer has, or never had, nobody can be switched to or from. */
export function withPresence(gate: SymbolGate, present: readonly Side[]): SymbolGate {
  const absent = sides.filter((side) => !present.includes(side));
  return { ...gate, state: absent.length > 0 ? 'side missing' : gate.state, absent };
}

/** The session from which the run is counted back. */
function startOf(calendar: TradingCalendar, newest: string | undefined, now: number | null): Session | null {
  const reconciled = newest === undefined ? null : calendar.session(newest);
  if (now === null) return reconciled;
  const lastEnded = calendar.lastEnded(now);
  if (reconciled !== null && reconciled.to >= calendar.lastEnded(lastEnded.from).to) return reconciled;
  return calendar.lastEnded(lastEnded.from);
}

function stateOf(run: readonly GateEntry[], rule: GateRule, broken: SymbolGate['broken']): GateState {
  if (run.length >= rule.sessions) return moreBarsOf(run, rule) === 0 ? 'passed' : 'too little evidence';
  const why = broken?.why;
  return why === 'below threshold' || why === 'side missing' || why === 'too little evidence'
    ? why
    : 'too few sessions';
}

const totalsOf = (run: readonly GateEntry[]) => ({
  expected: run.reduce((sum, entry) => sum + entry.expected, 0),
  agreeing: run.reduce((sum, entry) => sum + entry.agreeing, 0),
});

function moreBarsOf(run: readonly GateEntry[], { threshold, minRunBars, proven }: GateRule): number {
  const { expected, agreeing } = totalsOf(run);
  return Math.max(0, minRunBars - expected, proven ? barsUntilProven(agreeing, expected, threshold) : 0);
}

function figuresOf(run: readonly GateEntry[], rule: GateRule) {
  const { sessions, threshold, proven } = rule;
  const { expected, agreeing } = totalsOf(run);
  return {
    run: run.length,
    needed: sessions,
    threshold,
    since: run[0]?.session ?? null,
    through: run.at(-1)?.session ?? null,
    expected,
    agreeing,
    parity: expected === 0 ? null : percent(agreeing, expected),
    lowerBound: expected === 0 ? null : boundPercent(agreeing, expected),
    tolerance: run.at(-1)?.tolerance ?? rule.tolerance,
    warnings: run.flatMap(({ session, warnings = [] }) => warnings.map((text) => `${session}: ${text}`)),
    proven,
    moreBars: moreBarsOf(run, rule),
  };
}

/** Worst first. */
const SEVERITY: readonly GateState[] = [
  'side missing',
  'below threshold',
  'too few sessions',
  'too little evidence',
  'passed',
];

/** The gate over all symbols: passed where each one passed, and there is one; else in the worst state of any. */
export function gateOf(symbols: readonly SymbolGate[]): Gate {
  const state =
    symbols.length === 0 ? 'too few sessions' : SEVERITY.find((s) => symbols.some((symbol) => symbol.state === s))!;
  return { state, symbols: [...symbols].sort((a, b) => (a.symbol < b.symbol ? -1 : 1)), exit: gateExitCodes[state] };
}

/** Lets a promotion pass: where the gate has passed, or where it is `forced` with a reason. Else rejects with `parity.promote.refused`. */
export function allowPromotion(gate: Gate, forced: string | null): void {
  if (gate.state === 'passed' || (forced ?? '').trim() !== '') return;
  const symbols = gate.symbols.filter(({ state }) => state === gate.state).map(({ symbol }) => symbol);
  throw new PulseError('parity.promote.refused', { state: gate.state, symbols });
}

/** What a promotion rests on, symbol by symbol, for its event. */
export const evidenceOf = ({ symbols }: Gate) =>
  symbols.map((s) => ({
    symbol: s.symbol,
    state: s.state,
    sessions: s.run,
    since: s.since,
    through: s.through,
    bars: s.expected,
    agreeing: s.agreeing,
    parity: s.parity,
    lowerBound: s.lowerBound,
    proven: s.proven,
    tolerance: s.tolerance,
    warnings: s.warnings,
  }));
