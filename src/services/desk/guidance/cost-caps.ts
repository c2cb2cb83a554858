import type { Clock } from '../../../ports/clock.ts';
import type { ChainMetrics } from './chain-metrics.ts';
import type { RegisteredModel } from './registered-model.ts';
import type { Spending } from './spending.ts';

/** Set aside for a try: settled with what it cost. */
export interface Reserved {
  settle(usd: number): Promise<void>;
}

export interface CostCaps {
  /** Sets `usd`, the most that a try can cost, aside; or says why it must not be made. */
  reserve(usd: number | null): Promise<Reserved | string>;
}

interface Needs {
  readonly clock: Clock;
  readonly spending: Spending;
  readonly metrics: ChainMetrics;
}

/** Holds a model to what may be spent on it. Tries that run count with the most that they can cost; other processes are seen once theirs have ended. */
export function costCaps(
  { name, maxCostUsdPerCall, maxCostUsdPerDay }: RegisteredModel,
  { clock, spending, metrics }: Needs,
): CostCaps {
  let aside = 0;
  // By day: what could not be written down yet. It counts all the same.
  const unwritten = new Map<string, number>();

  // One after the other: between a look and what follows from it nothing else is set aside or settled.
  let last: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  }

  async function spentOn(day: string): Promise<number> {
    return (await spending.spent(name, day)) + (unwritten.get(day) ?? 0);
  }

  async function write(day: string, usd: number): Promise<void> {
    const owed = (unwritten.get(day) ?? 0) + usd;
    if (owed === 0) return;
    try {
      await spending.add(name, owed, day);
      unwritten.delete(day);
    } catch {
      unwritten.set(day, owed);
      metrics.unwritten.inc(1, { model: name });
    }
  }

  async function overDay(usd: number, cap: number): Promise<string | null> {
    try {
      const spent = await spentOn(dayOf(clock));
      if (spent + aside + usd <= cap) return null;
      return `with ${dollars(usd)} more it could cost over ${dollars(cap)} today (spent: ${dollars(spent)})`;
    } catch (error) {
      // A cap that cannot be looked at is not held by going on.
      return `what was spent on it today cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  return {
    async reserve(usd) {
      if (usd === null) return { settle: async () => undefined };
      if (maxCostUsdPerCall !== null && usd > maxCostUsdPerCall)
        return `the call could cost ${dollars(usd)}, and may cost ${dollars(maxCostUsdPerCall)}`;
      const over = await inOrder(async () => {
        const reason = maxCostUsdPerDay === null ? null : await overDay(usd, maxCostUsdPerDay);
        if (reason === null) aside += usd;
        return reason;
      });
      if (over !== null) return over;
      return {
        settle: (cost) =>
          inOrder(async () => {
            await write(dayOf(clock), cost);
            aside -= usd;
          }),
      };
    },
  };
}

const dayOf = (clock: Clock): string => new Date(clock.now()).toISOString().slice(0, 10);
const dollars = (usd: number): string => `$${Number(usd.toPrecision(3))}`;
