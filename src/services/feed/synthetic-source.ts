import { syntheticSymbols } from '../../domain/synthetic-market/instrument.ts';
import type { MarketTick } from '../../domain/synthetic-market/minute-ticks.ts';
import { SyntheticMarket } from '../../domain/synthetic-market/synthetic-market.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { SourceTick, TickSource } from '../../ports/tick-source.ts';
import { livePace, paced, tapePace } from './pace.ts';
import type { Speed } from './replay-options.ts';

export interface SyntheticNeeds {
  readonly clock: Clock;
  /** Its seed is the market's. */
  readonly random: Random;
}

export interface SyntheticOptions {
  /** Null: all that the market has. */
  readonly symbols: readonly string[] | null;
  /** A stretch of the past (epoch milliseconds, [from, to)) at a speed; null: the market as it happens, for ever. */
  readonly past: { readonly from: number; readonly to: number; readonly speed: Speed } | null;
}

/** A seeded, believable market. Rejects with `feed.symbol.unknown`. */
export function syntheticSource({ clock, random }: SyntheticNeeds, { symbols, past }: SyntheticOptions): TickSource {
  const market = new SyntheticMarket(symbols ?? syntheticSymbols, random);
  let ticks = 0;
  let reached = past?.from ?? 0;

  function due(signal: AbortSignal): AsyncIterable<readonly MarketTick[]> | Iterable<readonly MarketTick[]> {
    if (past === null) return paced(market.ticksBetween(clock.now()), livePace(clock), clock, signal);
    const made = market.ticksBetween(past.from, past.to);
    return past.speed === 'max' ? made : paced(made, tapePace(clock, past.speed), clock, signal);
  }

  async function* batches(signal: AbortSignal): AsyncGenerator<readonly SourceTick[]> {
    for await (const batch of due(signal)) {
      if (signal.aborted) return;
      ticks += batch.length;
      reached = batch[batch.length - 1]!.tsMs;
      yield batch;
    }
  }

  return {
    name: 'synthetic',
    batches,
    get counts() {
      return { ticks, unroutable: new Map(), examples: [] };
    },
    get share() {
      return past === null ? null : (reached - past.from) / (past.to - past.from);
    },
    waitsFor: null,
  };
}
