import { PulseError } from '../../domain/errors/errors.ts';
import { isLegalSymbol } from '../../domain/tick/symbol.ts';
import { UnroutableCounts } from '../../domain/tick/unroutable.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { SourceTick, TickSource } from '../../ports/tick-source.ts';
import { binance } from './binance-frames.ts';
import { coinbase } from './coinbase-frames.ts';
import { type ConnectionNeeds, ExchangeConnection } from './exchange-connection.ts';
import type { ExchangeFormat } from './exchange-format.ts';
import { kraken } from './kraken-frames.ts';
import { type MissedTrades, TradeOrder } from './trade-order.ts';

export interface ExchangeNeeds extends ConnectionNeeds {
  readonly metrics: Metrics;
}

export interface ExchangeOptions {
  readonly exchange: 'binance' | 'coinbase' | 'kraken';
  /** Names as the exchange has them, Kraken's with a dash; null: BTC and ETH against the exchange's own dollar. */
  readonly symbols: readonly string[] | null;
  /** Null: the exchange's public address. */
  readonly url: string | null;
  /** A connection that brings nothing for this long is given up, in milliseconds. */
  readonly silenceMs: number;
  /** Milliseconds before another attempt, at first and at most (default 1,000 and 30,000); half of it is chance. */
  readonly delays?: { readonly first: number; readonly longest: number };
}

const FORMATS: Readonly<Record<ExchangeOptions['exchange'], ExchangeFormat>> = { binance, coinbase, kraken };
/** Trades that may wait for Redis. What is more is dropped, and told: an exchange does not wait. */
const MOST_WAITING = 200_000;

/**
 * Public trades of an exchange. It reconnects for ever; trades that were missed meanwhile are found by their numbers and told as
 * gaps, and where the exchange repeats its last trades on subscribing they fill the hole.
 */
export function exchangeSource(needs: ExchangeNeeds, options: ExchangeOptions): TickSource {
  const { journal, metrics } = needs;
  const format = FORMATS[options.exchange];
  const { first: firstDelayMs, longest: longestDelayMs } = options.delays ?? { first: 1_000, longest: 30_000 };
  const connection = new ExchangeConnection(needs, format, {
    url: options.url ?? format.url,
    symbols: options.symbols ?? format.symbols,
    silenceMs: options.silenceMs,
    firstDelayMs,
    longestDelayMs,
  });
  const missedTrades = metrics.counter('pulse_feed_missed_trades_total');
  const unroutable = new UnroutableCounts();
  const order = new TradeOrder();
  let waiting: SourceTick[] = [];
  let wake = Promise.withResolvers<void>();
  let ticks = 0;
  let frames = 0;
  /** Frames dropped since the last hole was told. */
  let dropped = 0;
  /** The newest refusal, until trades come. */
  let refusal: string | null = null;

  function tellMissed({ symbol, fromId, toId }: MissedTrades): void {
    const missed = toId - fromId + 1;
    missedTrades.inc(missed, { exchange: format.name, symbol });
    const why =
      dropped > 0 ? `were dropped: ${MOST_WAITING} waited for Redis already` : `were missed at ${format.name}`;
    journal.event('warn', 'gap.opened', `${missed} trades of ${symbol} ${why}`, {
      exchange: format.name,
      symbol,
      fromId,
      toId,
      missed,
    });
  }

  function take(text: string): void {
    frames += 1;
    const frame = format.read(text);
    if (frame.kind === 'unknown') {
      const error = new PulseError('feed.frame.unknown', { exchange: format.name, value: text.slice(0, 120) });
      unroutable.add(error.code, `${format.name}:${frames}`, error.message);
    } else if (frame.kind === 'refused') {
      const error = new PulseError('feed.exchange.refused', { exchange: format.name, reason: frame.reason });
      if (refusal !== frame.reason) journal.event('error', 'engine.lost', error.message, { exchange: format.name });
      refusal = frame.reason;
      unroutable.add(error.code, `${format.name}:${frames}`, error.message);
    } else if (frame.kind === 'trades') {
      if (waiting.length >= MOST_WAITING) {
        // The numbers of these trades will be found missing as soon as there is room again.
        dropped += 1;
        return;
      }
      const { fresh, missed } = order.pass(frame.trades, frame.snapshot);
      for (const hole of missed) tellMissed(hole);
      dropped = 0;
      for (const { symbol, payload } of fresh) {
        if (!isLegalSymbol(symbol))
          unroutable.add(
            'tick.symbol.illegal',
            `${format.name}:${frames}`,
            new PulseError('tick.symbol.illegal', { value: symbol }).message,
          );
        else waiting.push({ symbol, payload });
      }
      if (fresh.length > 0) {
        refusal = null;
        wake.resolve();
      }
    }
  }

  async function* batches(signal: AbortSignal): AsyncGenerator<readonly SourceTick[]> {
    let ended = false;
    const running = connection.run(take, signal).finally(() => {
      ended = true;
      wake.resolve();
    });
    for (;;) {
      await wake.promise;
      wake = Promise.withResolvers<void>();
      const batch = waiting;
      waiting = [];
      ticks += batch.length;
      if (batch.length > 0) yield batch;
      // What came in while the last batch was being published is still to go out.
      if (ended && waiting.length === 0) break;
      if (ended || waiting.length > 0) wake.resolve();
    }
    await running;
  }

  return {
    name: format.name,
    batches,
    get counts() {
      return { ticks, unroutable: unroutable.byReason, examples: unroutable.examples };
    },
    share: null,
    get waitsFor() {
      if (refusal !== null) return `${format.name}, which refused: ${refusal}`;
      return connection.up ? null : format.name;
    },
  };
}
