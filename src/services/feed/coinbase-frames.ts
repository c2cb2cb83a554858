import {
  ALIVE,
  allTrades,
  type ExchangeFormat,
  type ExchangeTrade,
  exchangeTrade,
  type Frame,
  isRecord,
  parseFrame,
  secondsOfIso,
  UNKNOWN,
} from './exchange-format.ts';

const KNOWN: ReadonlySet<unknown> = new Set(['subscriptions', 'heartbeats']);

/** Coinbase Advanced Trade: channel `market_trades`, with `heartbeats` so that a quiet market stays connected. */
export const coinbase: ExchangeFormat = {
  name: 'coinbase',
  url: 'wss://advanced-trade-ws.coinbase.com',
  symbols: ['BTC-USD', 'ETH-USD'],
  subscribe: (symbols) => [
    JSON.stringify({ type: 'subscribe', channel: 'market_trades', product_ids: symbols }),
    JSON.stringify({ type: 'subscribe', channel: 'heartbeats' }),
  ],
  ping: JSON.stringify({ type: 'subscribe', channel: 'heartbeats' }),
  read(text): Frame {
    const frame = parseFrame(text);
    if (frame === undefined) return UNKNOWN;
    if (frame.type === 'error')
      return { kind: 'refused', reason: typeof frame.message === 'string' ? frame.message : text.slice(0, 200) };
    if (KNOWN.has(frame.channel)) return ALIVE;
    if (frame.channel !== 'market_trades' || !Array.isArray(frame.events)) return UNKNOWN;
    const events: readonly unknown[] = frame.events;
    const trades = allTrades(
      events.flatMap((event) =>
        isRecord(event) && Array.isArray(event.trades) ? event.trades.map(tradeOf) : [undefined],
      ),
    );
    if (trades === undefined) return UNKNOWN;
    return { kind: 'trades', trades, snapshot: events.every((event) => isRecord(event) && event.type === 'snapshot') };
  },
};

/** Coinbase names the side of the order that was in the book; a tick, that of the one that came to it. */
const TAKER: Readonly<Record<string, string>> = { BUY: 'sell', SELL: 'buy' };

function tradeOf(trade: unknown): ExchangeTrade | undefined {
  if (!isRecord(trade)) return undefined;
  const side = TAKER[String(trade.side)];
  if (side === undefined) return undefined;
  return exchangeTrade({
    symbol: trade.product_id,
    id: trade.trade_id,
    ts: secondsOfIso(trade.time),
    price: trade.price,
    volume: trade.size,
    side,
  });
}
