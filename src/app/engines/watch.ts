import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import { pulseError, type ServiceReport } from '../host/supervisor.ts';
import { within } from './within.ts';

/** An engine that answers, or does not. */
export interface WatchedEngine {
  /** Rejects with the error that tells what is wrong. */
  ping(): Promise<void>;
  /** Whether the process cannot do its work without it; else what it does meanwhile. */
  readonly without: 'nothing works' | { readonly meanwhile: string };
}

export interface WatchOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** `first answer`: an engine that answered once is neither asked nor reported any more, and one that does at once is never told of. Default: for good. */
  readonly until?: 'first answer' | 'the end';
}

const EVERY_MS = 3_000;

/** Asks the engines from time to time, says by events which are lost and restored, and reports them for /ready until `signal` aborts. */
export function watchEngines(
  engines: Readonly<Record<string, WatchedEngine>>,
  { clock, journal, signal, until = 'the end' }: WatchOptions,
): () => Readonly<Record<string, ServiceReport>> {
  const briefly = until === 'first answer';
  const watched = new Map(Object.entries(engines));
  /** Why it is away; null where it answers. */
  const away = new Map<string, string | null>();
  const look = async (name: string, { ping }: WatchedEngine): Promise<void> => {
    const before = away.get(name) ?? null;
    try {
      await within(ping(), name, clock);
      if (before !== null) journal.event('info', 'engine.restored', `${name} answers`);
      away.set(name, null);
      if (briefly) watched.delete(name);
    } catch (thrown) {
      const { message, code } = pulseError(thrown);
      if (signal.aborted) return;
      // While nothing was reached yet, the reason may change as somebody mends it.
      if (before === null || (briefly && before !== message)) journal.event('warn', 'engine.lost', message, { code });
      away.set(name, message);
    }
  };
  const round = async (): Promise<void> => {
    await Promise.all([...watched].map(([name, engine]) => look(name, engine)));
  };
  void round(); // detached: `look` tells by events what fails
  clock.every(EVERY_MS, round, signal);
  return () =>
    Object.fromEntries(
      [...watched]
        .filter(([name]) => !briefly || away.has(name))
        .map(([name, engine]) => [name, report(engine, away.get(name))]),
    );
}

/** `lost`: why it is away; null where it answers; undefined before the first look. */
function report({ without }: WatchedEngine, lost: string | null | undefined): ServiceReport {
  if (lost === null) return { state: 'running', ready: true, detail: 'answers', figures: {} };
  const ready = without !== 'nothing works';
  const detail = lost ?? 'was not asked yet';
  return { state: 'waiting', ready, detail: ready ? `${detail}; meanwhile ${without.meanwhile}` : detail, figures: {} };
}
