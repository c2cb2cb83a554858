import type { ErrorCode } from '../../domain/errors/errors.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import type { SourceTick, TickSource } from '../../ports/tick-source.ts';
import { Publisher, type PublisherNeeds, type PublisherOptions } from './publisher.ts';

export interface FeedNeeds extends PublisherNeeds {
  readonly source: TickSource;
  readonly metrics: Metrics;
}

export interface FeedOptions extends PublisherOptions {
  /** Most ticks in one append and one publish. */
  readonly batch: number;
}

/** Of the ten seconds in which a service must end, what the batch at hand may take. */
const DRAIN_MS = 6_000;
/** Embedded engines may answer without letting the event loop turn; the rest of the process wants to live, too. */
const TURN_MS = 20;

/**
 * Publishes the ticks of a source: each to the stream of all ticks, then to its channel, in order. Ends with the source, or drains
 * when told to. Rejects where the source does (`feed.*`), or with `redis.refused`.
 */
export function feed(needs: FeedNeeds, options: FeedOptions): Service {
  const { source, clock, metrics, journal } = needs;
  const publisher = new Publisher(needs, options);
  const published = metrics.counter('pulse_feed_ticks_total');
  const republished = metrics.counter('pulse_feed_republished_ticks_total');
  const unroutable = metrics.counter('pulse_feed_unroutable_total');
  let count = 0;
  let state: 'starting' | 'running' | 'ended' = 'starting';
  const symbols = new Set<string>();
  const told = new Map<ErrorCode, number>();

  function countOut(ticks: readonly SourceTick[], again: number): void {
    const bySymbol = new Map<string, number>();
    for (const { symbol } of ticks) bySymbol.set(symbol, (bySymbol.get(symbol) ?? 0) + 1);
    for (const [symbol, n] of bySymbol) {
      published.inc(n, { symbol });
      symbols.add(symbol);
    }
    count += ticks.length;
    republished.inc(again);
  }

  function countUnroutable(): void {
    for (const [reason, n] of source.counts.unroutable) {
      unroutable.inc(n - (told.get(reason) ?? 0), { reason });
      told.set(reason, n);
    }
  }

  /** False when it had to give up before all was out. */
  async function publishAll(signal: AbortSignal, giveUp: AbortSignal): Promise<boolean> {
    let turned = clock.monotonic();
    for await (const ticks of source.batches(signal)) {
      for (let from = 0; from < ticks.length; from += options.batch) {
        const part = ticks.slice(from, from + options.batch);
        const before = publisher.republished;
        if (!(await publisher.publish(part, giveUp))) return false;
        countOut(part, publisher.republished - before);
        if (clock.monotonic() - turned > TURN_MS) {
          await clock.sleep(0);
          turned = clock.monotonic();
        }
      }
      countUnroutable();
    }
    return true;
  }

  function sayEnd(ended: boolean, delivered: boolean): void {
    const { unroutable: reasons, examples } = source.counts;
    const left = [...reasons.values()].reduce((a, b) => a + b, 0);
    const data = {
      source: source.name,
      published: count,
      unroutable: Object.fromEntries(reasons),
      republished: publisher.republished,
    };
    if (left > 0)
      journal.event(
        'warn',
        'tick.rejected',
        `${left} lines could not be published; the first: ${examples.map((e) => `${e.place}: ${e.message}`).join(' | ')}`,
        data,
      );
    if (ended)
      journal.event(
        'info',
        'feed.ended',
        `${source.name} ended: ${count} ticks published, ${left} lines left out`,
        data,
      );
    journal.event(
      delivered ? 'info' : 'warn',
      'service.stopped',
      delivered ? `published ${count} ticks` : `published ${count} ticks; Redis did not take the last batch`,
      data,
    );
  }

  return {
    name: 'feed',
    async run(signal) {
      const giveUp = new AbortController();
      const over = new AbortController();
      // detached: `sleep` never rejects
      const drain = (): void => void clock.sleep(DRAIN_MS, over.signal).then(() => giveUp.abort());
      signal.addEventListener('abort', drain, { once: true });
      journal.event('info', 'service.started', `feed publishes from ${source.name}`, { source: source.name });
      state = 'running';
      let delivered = true;
      try {
        delivered = await publishAll(signal, giveUp.signal);
      } finally {
        state = 'ended';
        signal.removeEventListener('abort', drain);
        over.abort();
        countUnroutable();
        sayEnd(!signal.aborted, delivered);
      }
    },
    readiness(): Readiness {
      if (state === 'ended') return { ready: true, detail: `${source.name} ended` };
      if (source.waitsFor !== null) return { ready: false, detail: `waits for ${source.waitsFor}` };
      if (!publisher.available)
        return { ready: false, detail: count === 0 ? 'waits for the first tick' : 'waits for Redis' };
      return { ready: true, detail: `publishes from ${source.name}` };
    },
    figures() {
      const { share, counts } = source;
      const left = [...counts.unroutable.values()].reduce((a, b) => a + b, 0);
      return {
        source: source.name,
        ticks: count,
        symbols: symbols.size,
        unroutable: left,
        ...(share !== null && { share: Math.round(share * 1000) / 1000 }),
      };
    },
  };
}
