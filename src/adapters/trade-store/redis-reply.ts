import type { StoredTrade } from '../../ports/trade-store.ts';
import type { RedisClient } from '../redis/connection.ts';

export type Reply = number | Buffer | null | readonly Reply[];

export const send = <T extends Reply>(client: RedisClient, args: readonly (string | Buffer)[]): Promise<T> =>
  client.sendCommand([...args]) as Promise<unknown> as Promise<T>;

/** The fields of a trade's hash that its readers ask for, in this order. */
export const FIELDS = ['payload', 'at', 'by'] as const;

/** A trade from the values of its fields; null where there is none. */
export function tradeOf(id: string, [payload, at, by]: readonly (Buffer | null)[]): StoredTrade | null {
  if (!payload || !at || !by) return null;
  return { id, payload: payload.toString(), at: Number(at.toString()), by: by.toString() };
}
