import { seededRandom } from '../../adapters/random/seeded.ts';
import { MINUTE } from '../../domain/base/timeframe.ts';
import type { Session, TradingCalendar } from '../../domain/calendar/trading-calendar.ts';
import { syntheticSymbols } from '../../domain/synthetic-market/instrument.ts';
import type { Clock } from '../../ports/clock.ts';
import { syntheticSource } from '../../services/feed/synthetic-source.ts';
import { reconcile, symbolsOf } from '../../services/reconcile/reconcile.ts';
import { openLedger } from '../beside-up/ledger-access.ts';
import { calendarsOf } from '../config/instruments.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Terminal } from '../host/terminal.ts';
import { type PlayOptions, play } from '../play/play.ts';
import { markMadeUp } from '../wiring/made-up.ts';
import { pathNeeds } from '../wiring/path-needs.ts';
import { openSides, reconcileRules } from '../wiring/reconcile.ts';
import { demoSpools } from './first-start.ts';
import { outagePubSub } from './outage.ts';
import { thinned } from './thinned.ts';

const SESSIONS = 5;
const ONE_TICK_IN = 4;
/** When in its session the outage begins, and how long it lasts. */
const OUTAGE_AT = 10 * 60 * MINUTE;
const OUTAGE_MS = 7 * MINUTE;
const LINE_EVERY_MS = 3_000;
/** Ticks on their way at once: what waits for the paths is memory that the process keeps. */
const MOST_AHEAD = 20_000;

/**
 * Plays past sessions of the made-up market through both paths, one of them with an outage of the mirror, and reconciles them.
 * False when it was told to stop before all of it was in the ledger.
 */
export async function playDemo(runtime: Runtime): Promise<boolean> {
  const { clock, config, engines, terminal, signal, journals } = runtime;
  const { values } = config;
  // One symbol, and some of its ticks: every minute has its bar, and nobody waits, or gives memory and disk, for more than that shows.
  const symbols = (values.symbols ?? syntheticSymbols).slice(0, 1);
  const pasts = symbols.map((symbol) => pastSessions(calendarsOf(values)(symbol), clock.now()));
  const from = Math.min(...pasts.map((sessions) => sessions[0]!.from));
  const to = Math.max(...pasts.map((sessions) => sessions[SESSIONS - 1]!.to));
  const broken = pasts[0]![Math.floor(SESSIONS / 2)]!;
  const source = thinned(
    syntheticSource({ clock, random: seededRandom(values.seed) }, { symbols, past: { from, to, speed: 'max' } }),
    ONE_TICK_IN,
  );
  const outage = outagePubSub(await engines.pubSub(), broken.from + OUTAGE_AT, broken.from + OUTAGE_AT + OUTAGE_MS);
  const needs = { ...pathNeeds(runtime), dataDir: demoSpools(values.dataDir) };
  const quiet = { ...needs, values: { ...needs.values, backFill: false }, journal: () => ({ event: () => undefined }) };
  await markMadeUp(await engines.keys(), symbols, from, clock, signal);
  // Where the output is no terminal it is a log: what is for people keeps out of it.
  const say = terminal.outIsTerminal ? terminal.out : terminal.err;
  say(
    `First start: ${SESSIONS} past sessions of ${symbols.join(', ')}, made up, are played through both paths, with an outage of the mirror on ${broken.date}.\n`,
  );
  const played = await play(
    quiet,
    source,
    {
      mirror: { engines: { ...needs.engines, pubSub: async () => outage.pubSub } },
      missed: outage.missed,
      mostAhead: MOST_AHEAD,
      onProgress: progress(terminal, clock),
    },
    signal,
  );
  terminal.status([]);
  if (signal.aborted) return false;
  await recordDemo(runtime, to);
  journals
    .of('up')
    .event(
      'info',
      'feed.ended',
      `demo: ${played.published} ticks of ${SESSIONS} sessions in ${played.seconds.toFixed(1)} s`,
      {
        demo: true,
        sessions: SESSIONS,
        outage: broken.date,
      },
    );
  say(`What the outage did: ${reconcileCommandOf(runtime, symbols[0]!, broken.date)}\n`);
  return true;
}

/** As a person types it in a clone. */
function reconcileCommandOf({ config }: Runtime, symbol: string, session: string): string {
  const place = config.isSet('dataDir') ? ` --data-dir ${config.values.dataDir}` : '';
  return `npm run pulse -- reconcile --symbol ${symbol} --session ${session}${place}`;
}

/** On a terminal the figures change in place; elsewhere a line every few seconds shows that it goes on. */
function progress(terminal: Terminal, clock: Clock): NonNullable<PlayOptions['onProgress']> {
  let told = clock.monotonic();
  return (share, published) => {
    const line = `  ${Math.round((share ?? 0) * 100)} %  ${published.toLocaleString('en')} ticks`;
    if (terminal.outIsTerminal) return terminal.status([line]);
    if (clock.monotonic() - told < LINE_EVERY_MS) return;
    told = clock.monotonic();
    terminal.err(`${line}\n`);
  };
}

function pastSessions(calendar: TradingCalendar, now: number): Session[] {
  const sessions: Session[] = [];
  for (let session = calendar.lastEnded(now); sessions.length < SESSIONS; session = calendar.lastEnded(session.from))
    sessions.unshift(session);
  return sessions;
}

async function recordDemo(runtime: Runtime, to: number): Promise<void> {
  const { engines, config, clock } = runtime;
  const sides = await openSides(engines, config.values, false);
  const ledger = await openLedger(runtime);
  for (const symbol of await symbolsOf(sides)) {
    const rules = reconcileRules(config.values);
    const { compared } = await reconcile(sides, symbol, { every: 'session' }, rules, to + rules.settlesMs);
    for (const { report } of compared)
      if (report.whole) await ledger.record(report, { at: clock.now(), demo: true, kind: 'parity' });
  }
}
