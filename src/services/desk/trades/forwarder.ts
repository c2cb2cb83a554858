import { needAll } from '../../../domain/base/needed-topics.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { Readiness, Service } from '../../../ports/service.ts';
import type { StoredTrade, Waiting } from '../../../ports/trade-store.ts';
import type { ForwarderNeeds, ForwarderOptions } from './needs.ts';
import { deadTradeRecord, deadTradeTopic, tradeRecord } from './trade-record.ts';
import { tradeUpkeep } from './trade-upkeep.ts';

const BATCH = 1_000;
/** A batch that is not full is followed by so long a wait: under load, a few large batches cost the engines less than many small ones. */
const LINGER_MS = 50;
/** Most bytes of payloads in one append: what waits in the log's own buffer is bounded, and a batch beyond that would never pass. */
const PART_BYTES = 8_000_000;
const WAIT_MS = 1_000;
const LOOK_MS = 1_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** What the end of a service may wait for the engines. */
const END_MS = 3_000;

/**
 * Brings stored trades to their topic, in the order in which they were stored, at least once each: a trade leaves the queue when the record
 * log has it, so that this may die at any point. While an engine is away it waits. A second copy has the same key and the same bytes.
 */
export class TradeForwarder implements Service {
  readonly name = 'trades';
  readonly #needs: ForwarderNeeds;
  readonly #options: ForwarderOptions;
  readonly #metrics: ReturnType<typeof forwarderMetrics>;
  #made = false;
  #trouble: string | null = null;
  /** As of the last look; null before the first that the store answered. */
  #waiting: Waiting | null = null;
  #counts = { forwarded: 0, dead: 0 };

  constructor(needs: ForwarderNeeds, options: ForwarderOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#metrics = forwarderMetrics(needs.metrics);
  }

  /** Resolves soon after `signal` aborts, whatever the engines are doing: what is not settled then is forwarded after the next start. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, journal } = this.#needs;
    const { topic, forwarder, retentionDays } = this.#options;
    const over = new AbortController();
    const ended = new Promise<void>((resolve) => {
      const bound = (): void => void clock.sleep(END_MS, over.signal).then(resolve); // detached: `sleep` never rejects
      if (signal.aborted) bound();
      else signal.addEventListener('abort', bound, { once: true });
    });
    journal.event('info', 'service.started', `trades go to ${topic}`, { topic, forwarder });
    clock.every(LOOK_MS, () => this.#look(), over.signal);
    tradeUpkeep(this.#needs, retentionDays, over.signal);
    try {
      await Promise.race([this.#forwardAll(signal), ended]);
    } finally {
      over.abort();
    }
    journal.event('info', 'service.stopped', `forwarded ${this.#counts.forwarded} trades`, { ...this.#counts });
  }

  /** Ready whatever it waits for: trades are taken all the while. */
  readiness(): Readiness {
    const wait = this.#waiting === null ? 'the queue was not read yet' : waitOf(this.#waiting);
    return { ready: true, detail: this.#trouble === null ? wait : `${wait}: ${this.#trouble}` };
  }

  figures(): Record<string, number> {
    return { ...this.#counts, waiting: this.#waiting?.trades ?? 0 };
  }

  async #forwardAll(signal: AbortSignal): Promise<void> {
    for (let wait = FIRST_WAIT_MS; !signal.aborted; ) {
      if (await this.#turn(signal)) wait = FIRST_WAIT_MS;
      else {
        await this.#needs.clock.sleep(wait, signal);
        wait = Math.min(LONGEST_WAIT_MS, 2 * wait);
      }
    }
  }

  /** Whether the engines did what they were asked for. */
  async #turn(signal: AbortSignal): Promise<boolean> {
    const { store, log } = this.#needs;
    const { topic, forwarder } = this.#options;
    try {
      if (!this.#made) needAll(await log.createTopics([{ topic }, { topic: deadTradeTopic(topic) }]));
      this.#made = true;
      const trades = await store.take(forwarder, BATCH, WAIT_MS, signal);
      for (const part of partsOf(trades)) {
        await this.#bring(part);
        await store.settle(part.map(({ id }) => id));
      }
      // With nothing to bring, what was in trouble may still be.
      if (trades.length === 0 && this.#trouble !== null) await log.ping();
      this.#works();
      if (trades.length > 0 && trades.length < BATCH) await this.#needs.clock.sleep(LINGER_MS, signal);
      return true;
    } catch (error) {
      if (!(error instanceof PulseError)) throw error;
      this.#waits(error);
      return false;
    }
  }

  /** Appends them; where the log finds one too large, in ever smaller parts until that one is found. The others may then be there twice. */
  async #bring(trades: readonly StoredTrade[]): Promise<void> {
    const { topic } = this.#options;
    try {
      await this.#needs.log.append(trades.map((trade) => tradeRecord(topic, trade)));
    } catch (error) {
      if (!(error instanceof PulseError && error.code === 'log.record.too-large')) throw error;
      const middle = trades.length >> 1;
      if (middle === 0) return this.#bury(trades[0]!, error);
      await this.#bring(trades.slice(0, middle));
      return this.#bring(trades.slice(middle));
    }
    this.#counts.forwarded += trades.length;
    this.#metrics.forwarded.inc(trades.length);
  }

  async #bury(trade: StoredTrade, reason: PulseError): Promise<void> {
    const { log, journal } = this.#needs;
    const { topic } = this.#options;
    await log.append([deadTradeRecord(topic, trade, reason)]);
    this.#counts.dead += 1;
    this.#metrics.dead.inc(1, { reason: reason.code });
    journal.event(
      'warn',
      'dead-letter.written',
      `trade ${trade.id} went to ${deadTradeTopic(topic)}: ${reason.message}`,
      {
        id: trade.id,
        reason: reason.code,
      },
    );
  }

  #works(): void {
    if (this.#trouble !== null) this.#needs.journal.event('info', 'engine.restored', 'trades are forwarded again');
    this.#trouble = null;
  }

  #waits({ code, message }: PulseError): void {
    if (this.#trouble === null)
      this.#needs.journal.event('warn', 'engine.lost', `trades wait: ${message}`, { code, topic: this.#options.topic });
    this.#trouble = message;
  }

  async #look(): Promise<void> {
    const { store, clock } = this.#needs;
    try {
      this.#waiting = await store.waiting();
    } catch (error) {
      // The last look stands: what is wrong with the store is told by who takes from it.
      if (!(error instanceof PulseError)) throw error;
    }
    if (this.#waiting === null) return;
    const { trades, oldestAt } = this.#waiting;
    this.#metrics.waiting.set(trades);
    this.#metrics.oldest.set(oldestAt === null ? 0 : Math.max(0, clock.now() - oldestAt) / 1_000);
  }
}

function forwarderMetrics(metrics: Metrics) {
  return {
    forwarded: metrics.counter('pulse_mcp2_trades_forwarded_total'),
    dead: metrics.counter('pulse_mcp2_trades_dead_total'),
    waiting: metrics.gauge('pulse_mcp2_trades_waiting'),
    oldest: metrics.gauge('pulse_mcp2_trades_oldest_waiting_seconds'),
  };
}

function partsOf(trades: readonly StoredTrade[]): StoredTrade[][] {
  const parts: StoredTrade[][] = [];
  let bytes = 0;
  for (const trade of trades) {
    bytes += trade.payload.length;
    if (parts.length === 0 || bytes > PART_BYTES) {
      parts.push([]);
      bytes = trade.payload.length;
    }
    parts.at(-1)!.push(trade);
  }
  return parts;
}

const waitOf = ({ trades }: Waiting): string =>
  trades === 0 ? 'no trade waits' : trades === 1 ? '1 trade waits' : `${trades} trades wait`;
