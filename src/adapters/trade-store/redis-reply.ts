import type { StoredTrade } from '../../ports/trade-store.ts';

/** The fields of a trade's hash that its readers ask for, in this order. */
export const FIELDS = ['payload', 'at', 'by'] as const;

/** A trade from the values of its fields; null where there is none. */
export function tradeOf(id: string, [payload, at, by]: readonly (Buffer | null)[]): StoredTrade | null {
  if (!payload || !at || !by) return null;
  return { id, payload: payload.toString(), at: Number(at.toString()), by: by.toString() };
}
