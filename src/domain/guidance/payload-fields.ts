import type { StrategyPayload } from '../trade/strategy-payload.ts';

/** Where each value is looked for that StrategyPayloadV1 has no field of its own for; the first that holds one counts. */
export const payloadFields = {
  equity: ['account.equity', 'equity', 'extras.equity'],
  currency: ['account.currency', 'currency', 'extras.currency'],
  drawdown: ['risk.daily_drawdown', 'account.daily_drawdown', 'daily_drawdown', 'extras.daily_drawdown'],
  trade_risk: ['risk.risk_per_trade', 'trade.risk', 'extras.risk_per_trade'],
  entry: ['trade.entry', 'entry', 'extras.entry'],
  stop: ['trade.stop', 'stop', 'stop_loss', 'extras.stop', 'extras.stop_loss'],
  target: ['trade.target', 'target', 'take_profit', 'extras.target', 'extras.take_profit'],
  size: ['trade.size', 'size', 'quantity', 'extras.size', 'extras.quantity'],
  size_unit: ['trade.size_unit', 'size_unit', 'extras.size_unit'],
  side: ['trade.side', 'side', 'extras.side'],
  pnl: ['trade.pnl', 'pnl', 'extras.pnl', 'result.pnl'],
  result: ['trade.result', 'result', 'extras.result'],
  stop_moved_away: ['trade.stop_moved_away', 'stop_moved_away', 'extras.stop_moved_away'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type PayloadField = keyof typeof payloadFields;

function at(payload: unknown, path: string): unknown {
  let value = payload;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A finite number, or text that is one and nothing else; null: it is neither. */
export function numberIn(value: unknown): number | null {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : null;
  return number !== null && Number.isFinite(number) ? number : null;
}

/** What the first place of a field holds that holds anything. What cannot be read there is not looked for elsewhere. */
const firstIn = (payload: unknown, field: PayloadField): unknown =>
  payloadFields[field].map((path) => at(payload, path) ?? null).find((value) => value !== null) ?? null;

/** The finite number of a field; null where it is none. */
export const numberField = (payload: unknown, field: PayloadField): number | null => numberIn(firstIn(payload, field));

/** Whether any place of a field holds something, whatever it is. */
export const isGiven = (payload: unknown, field: PayloadField): boolean => firstIn(payload, field) !== null;

/** Which of the words of `known` a field holds (case aside); any other text says nothing. */
export function wordField<W extends string>(
  payload: unknown,
  field: PayloadField,
  known: Readonly<Record<string, W>>,
): W | null {
  const value = firstIn(payload, field);
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return Object.hasOwn(known, word) ? known[word]! : null;
}

export function yesField(payload: unknown, field: PayloadField): boolean | null {
  for (const path of payloadFields[field]) {
    const value = at(payload, path);
    if (typeof value === 'boolean') return value;
  }
  return null;
}

export const sides = { long: 'long', buy: 'long', short: 'short', sell: 'short' } as const;
const results = { win: 'win', loss: 'loss', breakeven: 'even', 'break-even': 'even', even: 'even' } as const;

/** How a trade ended, by its profit or else its result; null while that is unknown. */
export function outcomeOf(payload: unknown): 'win' | 'loss' | 'even' | null {
  const pnl = numberField(payload, 'pnl');
  if (pnl !== null) return pnl < 0 ? 'loss' : pnl > 0 ? 'win' : 'even';
  return wordField(payload, 'result', results);
}

/** When a payload is from, epoch milliseconds; null where it does not say. A time without a zone is UTC. */
export function timeOf(payload: unknown): number | null {
  const timestamp = at(payload, 'timestamp');
  if (typeof timestamp === 'number') return timestamp >= 1e11 ? timestamp : timestamp * 1_000;
  if (typeof timestamp !== 'string') return null;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(timestamp) ? timestamp : `${timestamp}Z`;
  const ts = Date.parse(zoned);
  return Number.isFinite(ts) ? ts : null;
}

const INDICATOR = /^(rsi|atr|adx|ema|sma|macd|macd_signal|macd_hist(?:ogram)?)(?:[_-]?(\d{1,3}))?$/i;

export interface NamedIndicator {
  readonly kind: string;
  readonly period: number | null;
  readonly value: number;
}

/** The indicators of a payload that have a name of a known kind, such as `rsi`, `ema_21` or `ATR14`; others say nothing here. */
export function namedIndicators({ features }: StrategyPayload): NamedIndicator[] {
  return Object.entries(features.indicators).flatMap(([name, value]) => {
    const [, kind, period] = INDICATOR.exec(name) ?? [];
    return kind === undefined
      ? []
      : [{ kind: kind.toLowerCase(), period: period === undefined ? null : Number(period), value: numberIn(value)! }];
  });
}
