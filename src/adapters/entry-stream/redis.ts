import type { EntryStream } from '../../ports/entry-stream.ts';
import { RedisConnection, type RedisOptions } from '../redis/connection.ts';
import { unlessOccupied, unlessSomeOccupied } from '../redis/occupied.ts';
import { entryOf, type RawEntry, send } from './redis-entry.ts';
import { RedisGroups } from './redis-group.ts';

const PING_MS = 5_000;
const SCAN = 1_000;

/** Redis Streams. */
export function redisEntryStream(options: RedisOptions): EntryStream {
  const commands = new RedisConnection(options);
  const groups = new RedisGroups(options, commands);
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
        const ids = await multi.exec().catch(unlessSomeOccupied(entries.map(({ stream }) => stream)));
        return (ids as unknown[]).map(String);
      }),
    async range(stream, from, to, count) {
      const raw = await commands
        .run('XRANGE', (client) => send<RawEntry[]>(client, ['XRANGE', stream, from, to, 'COUNT', String(count)]))
        .catch(unlessOccupied(stream));
      return raw.map((entry) => entryOf(stream, entry));
    },
    async newest(stream, count, before) {
      const to = before === undefined ? '+' : `(${before}`;
      const raw = await commands
        .run('XREVRANGE', (client) => send<RawEntry[]>(client, ['XREVRANGE', stream, to, '-', 'COUNT', String(count)]))
        .catch(unlessOccupied(stream));
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
    readGroup: groups.readGroup,
    claim: groups.claim,
    async ack(stream, group, ids) {
      if (ids.length > 0) await commands.run('XACK', (client) => send(client, ['XACK', stream, group, ...ids]));
    },
    async ping() {
      await commands.run('PING', (client) => client.ping(), PING_MS);
    },
    async close() {
      await Promise.all([commands.close(), groups.close()]);
    },
  };
}
