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

  async function spentOn(day: string): Promise<number> {
    return (await spending.spent(name, day)) + (unwritten.get(day) ?? 0);
  }

  async function write(day: string, usd: number): Promise<void> {
    const owed = (unwritten.get(day) ?? 0) + usd;
    if (owed === 0) return;
    // Before the write: a second one beside it must not write the same amount again.
    unwritten.delete(day);
    try {
      await spending.add(name, owed, day);
    } catch {
      unwritten.set(day, (unwritten.get(day) ?? 0) + owed);
      metrics.unwritten.inc(1, { model: name });
    }
  }

  async function overDay(usd: number, cap: number): Promise<string | null> {
    try {
      const spent = await spentOn(dayOf(clock));
      if (spent + aside <= cap) return null;
      return `with ${dollars(usd)} more it could cost over ${dollars(cap)} today (spent: ${dollars(spent)})`;
    } catch {
      // A cap that cannot be looked at is not held by going on.
      return 'what was spent on it today cannot be read';
    }
  }

  return {
    async reserve(usd) {
      if (usd === null) return { settle: async () => undefined };
      if (maxCostUsdPerCall !== null && usd > maxCostUsdPerCall)
        return `the call could cost ${dollars(usd)}, and may cost ${dollars(maxCostUsdPerCall)}`;
      // Set aside before the look, so that calls at the same time see each other.
      aside += usd;
      const over = maxCostUsdPerDay === null ? null : await overDay(usd, maxCostUsdPerDay);
      if (over !== null) {
        aside -= usd;
        return over;
      }
      return {
        async settle(cost) {
          await write(dayOf(clock), cost);
          aside -= usd;
        },
      };
    },
  };
}

const dayOf = (clock: Clock): string => new Date(clock.now()).toISOString().slice(0, 10);
const dollars = (usd: number): string => `$${Number(usd.toPrecision(3))}`;
