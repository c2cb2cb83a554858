import {
  ALIVE,
  digitsOf,
  type ExchangeFormat,
  exchangeTrade,
  type Frame,
  isRecord,
  parseFrame,
  UNKNOWN,
} from './exchange-format.ts';

/** Binance spot: stream `<symbol>@trade`, bare or in the envelope of combined streams. */
export const binance: ExchangeFormat = {
  name: 'binance',
  url: 'wss://stream.binance.com:9443/ws',
  symbols: ['BTCUSDT', 'ETHUSDT'],
  subscribe: (symbols) => [
    JSON.stringify({ method: 'SUBSCRIBE', params: symbols.map((symbol) => `${symbol.toLowerCase()}@trade`), id: 1 }),
  ],
  ping: JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id: 2 }),
  read(text): Frame {
    const frame = parseFrame(text);
    if (frame === undefined) return UNKNOWN;
    const event = isRecord(frame.data) ? frame.data : frame;
    if (event.e === 'trade') return tradeFrame(event);
    const error = isRecord(frame.error) ? frame.error : frame;
    if (error.code !== undefined && typeof error.msg === 'string') return { kind: 'refused', reason: error.msg };
    // Answers to requests carry their id. Other events, such as a coming shutdown, need nothing: the connection will end by itself.
    return frame.id !== undefined || typeof event.e === 'string' || isRecord(frame.event) ? ALIVE : UNKNOWN;
  },
};

function tradeFrame(event: Readonly<Record<string, unknown>>): Frame {
  const ms = digitsOf(event.T);
  const trade = exchangeTrade({
    symbol: event.s,
    id: event.t,
    // `T` is the time of the trade, in milliseconds; `E` that of the message.
    ts: ms !== undefined && /^\d{13}$/.test(ms) ? `${ms.slice(0, -3)}.${ms.slice(-3)}` : undefined,
    price: event.p,
    volume: event.q,
    // `m`: the buyer's order was in the book, so that the seller came to it.
    side: event.m === true ? 'sell' : 'buy',
  });
  return trade === undefined || typeof event.m !== 'boolean'
    ? UNKNOWN
    : { kind: 'trades', trades: [trade], snapshot: false };
}
