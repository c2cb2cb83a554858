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

const KNOWN: ReadonlySet<unknown> = new Set(['heartbeat', 'status']);

/** Kraken, WebSocket API v2: channel `trade`. Its `BTC/USD` is `BTC-USD` here: a channel's name takes no slash. */
export const kraken: ExchangeFormat = {
  name: 'kraken',
  url: 'wss://ws.kraken.com/v2',
  symbols: ['BTC-USD', 'ETH-USD'],
  subscribe: (symbols) => [
    JSON.stringify({
      method: 'subscribe',
      params: { channel: 'trade', symbol: symbols.map((symbol) => symbol.replace('-', '/')), snapshot: true },
    }),
  ],
  ping: JSON.stringify({ method: 'ping' }),
  read(text): Frame {
    const frame = parseFrame(text);
    if (frame === undefined) return UNKNOWN;
    if (frame.success === false || typeof frame.error === 'string')
      return { kind: 'refused', reason: String(frame.error ?? text.slice(0, 200)) };
    if (typeof frame.method === 'string' || KNOWN.has(frame.channel)) return ALIVE;
    if (frame.channel !== 'trade' || !Array.isArray(frame.data)) return UNKNOWN;
    const trades = allTrades(frame.data.map(tradeOf));
    return trades === undefined ? UNKNOWN : { kind: 'trades', trades, snapshot: frame.type === 'snapshot' };
  },
};

function tradeOf(trade: unknown): ExchangeTrade | undefined {
  if (!isRecord(trade) || typeof trade.symbol !== 'string' || (trade.side !== 'buy' && trade.side !== 'sell'))
    return undefined;
  const symbol = trade.symbol.replace('/', '-');
  return exchangeTrade({
    symbol,
    id: trade.trade_id,
    ts: secondsOfIso(trade.timestamp),
    price: trade.price,
    volume: trade.qty,
    side: trade.side,
  });
}
