import type { Entry } from '../../ports/entry-stream.ts';
import type { RedisClient } from '../redis/connection.ts';

/** An entry as Redis replies it: id, then names and values in turn; null fields where it was trimmed away. */
export type RawEntry = [id: Buffer, fields: Buffer[] | null];

export function entryOf(stream: string, [id, raw]: RawEntry): Entry {
  const fields: Record<string, Buffer> = {};
  for (let i = 0; raw !== null && i + 1 < raw.length; i += 2) fields[raw[i]!.toString()] = raw[i + 1]!;
  return { stream, id: id.toString(), fields };
}

export const send = <T>(client: RedisClient, args: (string | Buffer)[]): Promise<T> =>
  client.sendCommand(args) as Promise<unknown> as Promise<T>;
