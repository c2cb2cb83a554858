const LEGAL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Whether `symbol` may name a channel, a topic and a stream: what all three engines accept, and no reserved word. */
export const isLegalSymbol = (symbol: string): boolean =>
  LEGAL.test(symbol) && symbol !== 'rejected' && !symbol.endsWith('.dlq') && !symbol.includes('..');

const PREFIX = 'ticks.';

/** The topic and channel of a symbol's ticks. */
export const tickTopic = (symbol: string): string => PREFIX + symbol;

/** The symbol of a tick channel or topic; null where the name is not one. */
export function symbolOfTopic(topic: string): string | null {
  if (!topic.startsWith(PREFIX)) return null;
  const symbol = topic.slice(PREFIX.length);
  return isLegalSymbol(symbol) ? symbol : null;
}
