import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import { pulseError, type ServiceReport } from './supervisor.ts';
import { within } from './within.ts';

/** An engine that answers, or does not. */
export interface WatchedEngine {
  /** Rejects with the error that tells what is wrong. */
  ping(): Promise<void>;
  /** Whether the process cannot do its work without it; else what it does meanwhile. */
  readonly without: 'nothing works' | { readonly meanwhile: string };
}

const EVERY_MS = 3_000;

/** Asks the engines from time to time, says by events which are lost and restored, and reports them for /ready until `signal` aborts. */
export function watchEngines(
  engines: Readonly<Record<string, WatchedEngine>>,
  clock: Clock,
  journal: Journal,
  signal: AbortSignal,
): () => Readonly<Record<string, ServiceReport>> {
  const away = new Map<string, string | null>();
  const look = async (name: string, { ping }: WatchedEngine): Promise<void> => {
    try {
      await within(ping(), name, clock);
      if (away.get(name)) journal.event('info', 'engine.restored', `${name} answers`);
      away.set(name, null);
    } catch (thrown) {
      const { message, code } = pulseError(thrown);
      if (!signal.aborted && !away.get(name)) journal.event('warn', 'engine.lost', message, { code });
      away.set(name, message);
    }
  };
  const round = async (): Promise<void> => {
    await Promise.all(Object.entries(engines).map(([name, engine]) => look(name, engine)));
  };
  void round();
  clock.every(EVERY_MS, round, signal);
  return () =>
    Object.fromEntries(Object.entries(engines).map(([name, engine]) => [name, report(engine, away.get(name))]));
}

/** `lost`: why it is away; null where it answers; undefined before the first look. */
function report({ without }: WatchedEngine, lost: string | null | undefined): ServiceReport {
  if (lost === null) return { state: 'running', ready: true, detail: 'answers', figures: {} };
  const ready = without !== 'nothing works';
  const detail = lost ?? 'was not asked yet';
  return { state: 'waiting', ready, detail: ready ? `${detail}; meanwhile ${without.meanwhile}` : detail, figures: {} };
}
