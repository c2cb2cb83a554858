import { NOTICE } from '../../../domain/tape/rejected.ts';
import type { NewRecord } from '../../../ports/record-log.ts';
import type { StoredTrade } from '../../../ports/trade-store.ts';

/** A trade as it stands on its topic: the same bytes whenever it is made, so that a second copy can be told by its key. The payload's text is unchanged. */
export function tradeRecord(topic: string, { id, at, by, payload }: StoredTrade): NewRecord {
  const head = { id, received_at: new Date(at).toISOString(), received_by: by };
  return {
    topic,
    key: id,
    value: Buffer.from(`${JSON.stringify(head).slice(0, -1)},"payload":${payload}}`),
    headers: new Map([
      ['content-type', 'application/json'],
      ['schema', 'StrategyPayloadV1'],
    ]),
    timestamp: at,
  };
}

/** Where trades go that the log does not take. */
export const deadTradeTopic = (topic: string): string => `${topic}.dlq`;

/** What tells that a trade is not on its topic: the log takes no record of its size, so the payload stays in the store. */
export function deadTradeRecord(
  topic: string,
  trade: StoredTrade,
  reason: { code: string; message: string },
): NewRecord {
  const { id, at, by, payload } = trade;
  const letter = { id, received_at: new Date(at).toISOString(), received_by: by, bytes: Buffer.byteLength(payload) };
  return {
    topic: deadTradeTopic(topic),
    key: id,
    value: Buffer.from(JSON.stringify(letter)),
    headers: new Map([
      ['reason', reason.code],
      ['message', reason.message],
      ['source', `mcp2:trade:${id}`],
      ['service', 'mcp2'],
      [NOTICE, 'the payload is in the store, under the id'],
    ]),
    timestamp: at,
  };
}
