import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../domain/base/canonical-json.ts';
import { isUuid, uuid7 } from '../../../domain/base/uuid7.ts';
import type { Trade } from '../../../domain/desk/trade.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import { checkIdempotencyKey } from '../../../domain/trade/idempotency-key.ts';
import type { StrategyPayload } from '../../../domain/trade/strategy-payload.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Trades } from '../../../ports/desk.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { Random } from '../../../ports/random.ts';
import type { NewTrade, StoredTrade, StoreResult, TradeStore } from '../../../ports/trade-store.ts';

export interface TradesNeeds {
  readonly store: TradeStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
}

/** Waits before a put whose fate is not known is sent again, in milliseconds: a restart of Redis fits in, and no caller waits long. */
const AGAIN_AFTER = [50, 250, 1_000];
/** After which none is sent again: a Redis that is silent, and not merely gone, takes its time for each. */
const AGAIN_WITHIN_MS = 3_000;

/** What a wait of that length may well outlast. */
const PASSES_SOON: ReadonlySet<string> = new Set(['redis.unavailable', 'redis.busy']);

/** Captures trade payloads. */
export function trades({ store, clock, random, metrics }: TradesNeeds): Trades {
  const stored = metrics.counter('pulse_mcp2_trades_stored_total');

  /** It may be stored though no answer came: under the same id it is stored once. */
  async function put(trade: NewTrade): Promise<StoreResult> {
    const begun = clock.monotonic();
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await store.put(trade);
      } catch (error) {
        const wait = AGAIN_AFTER[attempt];
        const isLate = clock.monotonic() - begun >= AGAIN_WITHIN_MS;
        if (wait === undefined || isLate || !(error instanceof PulseError && PASSES_SOON.has(error.code))) throw error;
        await clock.sleep(wait);
      }
    }
  }

  return {
    async log(payload, { name }, key) {
      if (key !== null) checkIdempotencyKey(key);
      const result = await put({
        id: uuid7(clock.now(), random.id(10)),
        payload: JSON.stringify(payload),
        at: clock.now(),
        by: name,
        idempotency: key === null ? null : { key, digest: digestOf(payload) },
      });
      stored.inc(1, { result: result.repeated ? 'repeated' : 'new' });
      return result;
    },
    async fetch(id) {
      const trade = isUuid(id) ? await store.get(id) : null;
      if (trade === null) throw new PulseError('trade.none', { id });
      return asTrade(trade);
    },
    async recent(limit, before) {
      if (before !== null && !isUuid(before)) throw new PulseError('trade.cursor', { before });
      return (await store.recent(limit, before ?? undefined)).map(asTrade);
    },
  };
}

const asTrade = ({ id, at, by, payload }: StoredTrade): Trade => ({
  id,
  received_at: new Date(at).toISOString(),
  received_by: by,
  payload: JSON.parse(payload),
});

const digestOf = (payload: StrategyPayload): string =>
  createHash('sha256').update(canonicalJson(payload)).digest('hex');
