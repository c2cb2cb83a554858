import type { Delivery, Entry, EntryFields, EntryStream } from '../../ports/entry-stream.ts';
import { type RedisClient, RedisConnection, type RedisOptions } from '../redis/connection.ts';

/** An entry as Redis replies it: id, then names and values in turn; null fields where it was trimmed away. */
type RawEntry = [id: Buffer, fields: Buffer[] | null];

/** Time beyond a blocking read's own in which its answer must come. */
const GRACE_MS = 5_000;
const SCAN = 1_000;

/** Redis Streams. */
export function redisEntryStream(options: RedisOptions): EntryStream {
  const commands = new RedisConnection(options);
  /** A blocking read would hold up everything else on its connection. */
  const readers = new Map<string, RedisConnection>();

  const send = <T>(client: RedisClient, args: (string | Buffer)[]): Promise<T> =>
    client.sendCommand(args) as Promise<unknown> as Promise<T>;

  async function ensureGroup(stream: string, group: string): Promise<void> {
    await commands.run('XGROUP', async (client) => {
      try {
        await send(client, ['XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM']);
      } catch (error) {
        if (!String(error).includes('BUSYGROUP')) throw error;
      }
    });
  }

  /** Entries that a group was just given, with how often each has been. */
  async function counted(stream: string, group: string, entries: readonly Entry[]): Promise<Delivery[]> {
    const first = entries[0];
    const last = entries[entries.length - 1];
    if (first === undefined || last === undefined) return [];
    const rows = await commands.run('XPENDING', (client) =>
      send<[Buffer, Buffer, number, number][]>(client, [
        'XPENDING',
        stream,
        group,
        first.id,
        last.id,
        String(entries.length * 4 + 100),
      ]),
    );
    const times = new Map(rows.map(([id, , , count]) => [id.toString(), Number(count)]));
    return entries.map((entry) => ({ ...entry, deliveries: times.get(entry.id) ?? 1 }));
  }

  return {
    append: (entries) =>
      commands.run('XADD', async (client) => {
        const multi = client.multi();
        for (const { stream, fields, maxLen } of entries) {
          const args: (string | Buffer)[] = ['XADD', stream];
          if (maxLen !== undefined) args.push('MAXLEN', maxLen === 1 ? '=' : '~', String(maxLen));
          args.push('*');
          for (const [name, value] of Object.entries(fields)) args.push(name, value);
          multi.addCommand(args);
        }
        return ((await multi.exec()) as unknown[]).map(String);
      }),
    async range(stream, from, to, count) {
      const raw = await commands.run('XRANGE', (client) =>
        send<RawEntry[]>(client, ['XRANGE', stream, from, to, 'COUNT', String(count)]),
      );
      return raw.map((entry) => entryOf(stream, entry));
    },
    async newest(stream, count) {
      const raw = await commands.run('XREVRANGE', (client) =>
        send<RawEntry[]>(client, ['XREVRANGE', stream, '+', '-', 'COUNT', String(count)]),
      );
      return raw.map((entry) => entryOf(stream, entry));
    },
    async streams(pattern) {
      const names = new Set<string>();
      let cursor = '0';
      do {
        const [next, page] = await commands.run('SCAN', (client) =>
          send<[Buffer, Buffer[]]>(client, ['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(SCAN), 'TYPE', 'stream']),
        );
        cursor = next.toString();
        for (const name of page) names.add(name.toString());
      } while (cursor !== '0');
      return [...names].sort();
    },
    async readGroup(reader, count, waitMs, signal) {
      const { stream, group, consumer } = reader;
      if (signal.aborted) return [];
      const key = `${stream} ${group} ${consumer}`;
      let connection = readers.get(key);
      if (connection === undefined) {
        await ensureGroup(stream, group);
        connection = new RedisConnection(options);
        readers.set(key, connection);
      }
      const cut = (): void => {
        readers.delete(key);
        void connection.close();
      };
      signal.addEventListener('abort', cut, { once: true });
      const block = waitMs > 0 ? ['BLOCK', String(Math.ceil(waitMs))] : [];
      try {
        const raw = await connection.run(
          'XREADGROUP',
          (client) =>
            send<[Buffer, RawEntry[]][] | null>(client, [
              'XREADGROUP',
              'GROUP',
              group,
              consumer,
              'COUNT',
              String(count),
              ...block,
              'STREAMS',
              stream,
              '>',
            ]),
          waitMs + GRACE_MS,
        );
        return (raw?.[0]?.[1] ?? []).map((entry) => ({ ...entryOf(stream, entry), deliveries: 1 }));
      } catch (error) {
        // A stream that was deleted took its groups along: the next read makes the group anew.
        if (String(error).includes('NOGROUP')) await ensureGroup(stream, group);
        if (signal.aborted) return [];
        throw error;
      } finally {
        signal.removeEventListener('abort', cut);
      }
    },
    async claim({ stream, group, consumer }, minIdleMs, count) {
      await ensureGroup(stream, group);
      const [, raw] = await commands.run('XAUTOCLAIM', (client) =>
        send<[Buffer, RawEntry[]]>(client, [
          'XAUTOCLAIM',
          stream,
          group,
          consumer,
          String(minIdleMs),
          '0',
          'COUNT',
          String(count),
        ]),
      );
      const entries = raw.filter(([, fields]) => fields !== null).map((entry) => entryOf(stream, entry));
      return counted(stream, group, entries);
    },
    async ack(stream, group, ids) {
      if (ids.length > 0) await commands.run('XACK', (client) => send(client, ['XACK', stream, group, ...ids]));
    },
    async ping() {
      await commands.run('PING', (client) => client.ping(), GRACE_MS);
    },
    async close() {
      await Promise.all([commands, ...readers.values()].map((connection) => connection.close()));
    },
  };
}

function entryOf(stream: string, [id, raw]: RawEntry): Entry {
  const fields: Record<string, Buffer> = {};
  for (let i = 0; raw !== null && i + 1 < raw.length; i += 2) fields[raw[i]!.toString()] = raw[i + 1]!;
  return { stream, id: id.toString(), fields: fields satisfies EntryFields };
}
