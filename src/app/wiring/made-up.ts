import { PulseError } from '../../domain/errors/errors.ts';
import type { SessionReport } from '../../domain/parity/parity-report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KeyValue } from '../../ports/key-value.ts';

/** When the made-up market published to these engines, by symbol: [from, to), epoch milliseconds. */
type MadeUp = Readonly<Record<string, { readonly from: number; readonly to: number }>>;

/** It lies beside the bars: whoever reconciles them, and from wherever, must know that they prove nothing about a market. */
const KEY = 'pulse:made-up';
const HOUR = 3_600_000;
/** How far ahead the mark reaches, so that a crash leaves no tick outside of it. */
const AHEAD_MS = 2 * HOUR;

const read = async (keys: KeyValue): Promise<MadeUp> => JSON.parse((await keys.get(KEY)) ?? '{}') as MadeUp;

/** Tells of a session, as things stand, whether the made-up market has ticks in it. */
export async function madeUpSessions(
  keys: KeyValue,
): Promise<(report: Pick<SessionReport, 'symbol' | 'from' | 'to'>) => boolean> {
  const marks = await read(keys);
  return ({ symbol, from, to }) => {
    const mark = marks[symbol];
    return mark !== undefined && from < mark.to && to > mark.from;
  };
}

/** Marks that the made-up market publishes these symbols, from `from` on and, until `signal` aborts, for as long as it goes on. */
export async function markMadeUp(
  keys: KeyValue,
  symbols: readonly string[],
  from: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const mark = async (): Promise<void> => {
    const marks: Record<string, { from: number; to: number }> = { ...(await read(keys)) };
    for (const symbol of symbols)
      marks[symbol] = { from: Math.min(from, marks[symbol]?.from ?? from), to: clock.now() + AHEAD_MS };
    await keys.set(KEY, JSON.stringify(marks));
  };
  await mark();
  clock.every(
    HOUR,
    // Where it cannot be marked, nothing can be published either; the next hour does it.
    () => mark().catch((error) => (error instanceof PulseError && error.retry ? undefined : Promise.reject(error))),
    signal,
  );
}
