import type { Call } from './tool.ts';

/** Most that a completion may hold. */
const MOST = 100;
const LOOKED_AT = 100;

/** Those that begin with what was typed. */
export const matching = (all: readonly string[], begun: string): string[] =>
  [...new Set(all)].filter((each) => each.toLowerCase().startsWith(begun.toLowerCase())).slice(0, MOST);

/** Symbols of the newest trades: what the trader works with. */
export async function recentSymbols({ desk }: Call): Promise<string[]> {
  const trades = await desk.trades.recent(LOOKED_AT, null);
  return trades.map(({ payload }) => symbolOf(payload)).filter((symbol) => symbol !== null);
}

/** Symbol that a stored payload names, or null. */
export function symbolOf(payload: unknown): string | null {
  const symbol = (payload as { market?: { symbol?: unknown } } | null)?.market?.symbol;
  return typeof symbol === 'string' ? symbol : null;
}
