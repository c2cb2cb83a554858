import { MultiErrorReply } from 'redis';
import type { Delivery, Entry, EntryStream, GroupBatch, GroupReader } from '../../ports/entry-stream.ts';
import { RedisConnection, type RedisOptions } from '../redis/connection.ts';
import { entryOf, type RawEntry, send } from './redis-entry.ts';

/** Time beyond a blocking read's own in which its answer must come. */
const GRACE_MS = 5_000;
const NOTHING: GroupBatch = { entries: [], after: null, skipped: false, trimmed: [] };

/** What consumer groups do on Redis. */
export class RedisGroups {
  readonly #options: RedisOptions;
  readonly #commands: RedisConnection;
  /** A blocking read would hold up everything else on its connection. */
  readonly #waiting = new Map<string, RedisConnection>();
  readonly #made = new Set<string>();

  constructor(options: RedisOptions, commands: RedisConnection) {
    this.#options = options;
    this.#commands = commands;
  }

  readonly readGroup: EntryStream['readGroup'] = async (reader, count, waitMs, signal) => {
    if (signal.aborted) return NOTHING;
    const batch = await this.#withGroup(reader, () => this.#readNew(reader, count));
    if (batch.entries.length > 0 || waitMs <= 0) return batch;
    await this.#waitForMore(reader, batch.after!, waitMs, signal);
    return signal.aborted ? NOTHING : this.#withGroup(reader, () => this.#readNew(reader, count));
  };

  readonly claim: EntryStream['claim'] = (reader, minIdleMs, count, from = '0-0') =>
    this.#withGroup(reader, () =>
      minIdleMs === 'own' ? this.#readOwn(reader, count, from) : this.#claim(reader, minIdleMs, count, from),
    );

  async close(): Promise<void> {
    await Promise.all([...this.#waiting.values()].map((connection) => connection.close()));
  }

  /** Runs `work`, the group made first where it is missing: a stream that was deleted took its groups along. */
  async #withGroup<T>({ stream, group, startAfter = '0' }: GroupReader, work: () => Promise<T>): Promise<T> {
    const key = `${stream} ${group}`;
    for (let attempt = 0; ; attempt += 1) {
      if (!this.#made.has(key)) await this.#make(stream, group, startAfter);
      this.#made.add(key);
      try {
        return await work();
      } catch (error) {
        if (attempt > 0 || !/NOGROUP|no such key/.test(String(error))) throw error;
        this.#made.delete(key);
      }
    }
  }

  #make(stream: string, group: string, startAfter: string): Promise<void> {
    return this.#commands.run('XGROUP', async (client) => {
      try {
        await send(client, ['XGROUP', 'CREATE', stream, group, startAfter, 'MKSTREAM']);
      } catch (error) {
        if (!String(error).includes('BUSYGROUP')) throw error;
      }
    });
  }

  /** Where the group stood and what it is given next, as one: no other consumer comes in between. */
  async #readNew({ stream, group, consumer }: GroupReader, count: number): Promise<GroupBatch> {
    const [facts, groups, raw] = await this.#commands.run('XREADGROUP', async (client) => {
      const read = ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', String(count), 'STREAMS', stream, '>'];
      const replies = await client
        .multi()
        .addCommand(['XINFO', 'STREAM', stream])
        .addCommand(['XINFO', 'GROUPS', stream])
        .addCommand(read)
        .exec()
        .catch((error: unknown) => {
          // A transaction tells only that some of its commands failed: the first of them says why.
          throw error instanceof MultiErrorReply ? [...error.errors()][0] : error;
        });
      return replies as unknown as [Pairs, Pairs[], [Buffer, RawEntry[]][] | null];
    });
    const entries = (raw?.[0]?.[1] ?? []).map((entry) => ({ ...entryOf(stream, entry), deliveries: 1 }));
    const own = groups.find((pairs) => String(factOf(pairs, 'name')) === group);
    const after = String(factOf(own, 'last-delivered-id') ?? '0-0');
    return { entries, after, skipped: isSkipped(facts, own, after, entries[0]?.id), trimmed: [] };
  }

  /** Resolves when the stream holds anything after `id`, or after `waitMs`, or on `signal`. */
  async #waitForMore({ stream, group }: GroupReader, id: string, waitMs: number, signal: AbortSignal): Promise<void> {
    const key = `${stream} ${group}`;
    const connection = this.#waiting.get(key) ?? new RedisConnection(this.#options);
    this.#waiting.set(key, connection);
    const cut = (): void => {
      this.#waiting.delete(key);
      void connection.close(); // detached: `close` never rejects, and whoever reads sees it closed
    };
    signal.addEventListener('abort', cut, { once: true });
    try {
      const block = String(Math.ceil(waitMs));
      await connection.run(
        'XREAD',
        (client) => send(client, ['XREAD', 'COUNT', '1', 'BLOCK', block, 'STREAMS', stream, id]),
        waitMs + GRACE_MS,
      );
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  async #readOwn({ stream, group, consumer }: GroupReader, count: number, from: string): Promise<GroupBatch> {
    const raw = await this.#commands.run('XREADGROUP', (client) =>
      send<[Buffer, RawEntry[]][] | null>(client, [
        'XREADGROUP',
        'GROUP',
        group,
        consumer,
        'COUNT',
        String(count),
        'STREAMS',
        stream,
        from,
      ]),
    );
    return this.#delivered(stream, group, raw?.[0]?.[1] ?? [], []);
  }

  async #claim(
    { stream, group, consumer }: GroupReader,
    minIdleMs: number,
    count: number,
    from: string,
  ): Promise<GroupBatch> {
    const found: RawEntry[] = [];
    const gone: string[] = [];
    // Redis looks at a part of what is pending at a time, and says where to go on.
    let cursor = from === '0-0' ? from : nextId(from);
    do {
      const args = [
        'XAUTOCLAIM',
        stream,
        group,
        consumer,
        String(Math.ceil(minIdleMs)),
        cursor,
        'COUNT',
        String(count - found.length),
      ];
      const [next, raw, deleted = []] = await this.#commands.run('XAUTOCLAIM', (client) =>
        send<[Buffer, RawEntry[], Buffer[]?]>(client, args),
      );
      found.push(...raw);
      gone.push(...deleted.map(String));
      cursor = next.toString();
    } while (cursor !== '0-0' && found.length < count);
    return this.#delivered(stream, group, found, gone);
  }

  async #delivered(stream: string, group: string, raw: readonly RawEntry[], gone: string[]): Promise<GroupBatch> {
    const trimmed = [...gone, ...raw.flatMap(([id, fields]) => (fields === null ? [id.toString()] : []))];
    if (trimmed.length > 0)
      await this.#commands.run('XACK', (client) => send(client, ['XACK', stream, group, ...trimmed]));
    const entries = raw.filter(([, fields]) => fields !== null).map((entry) => entryOf(stream, entry));
    return { entries: await this.#counted(stream, group, entries), after: null, skipped: false, trimmed };
  }

  /** Entries that a consumer was just given again, with how often each has been. */
  async #counted(stream: string, group: string, entries: readonly Entry[]): Promise<Delivery[]> {
    const times = new Map<string, number>();
    const last = entries.at(-1)?.id;
    // Others may hold entries in between: page until all of ours are counted.
    for (let from = entries[0]?.id; from !== undefined && last !== undefined && times.size < entries.length * 1_000; ) {
      const args = ['XPENDING', stream, group, from, last, '10000'];
      const rows = await this.#commands.run('XPENDING', (client) =>
        send<[Buffer, Buffer, number, number][]>(client, args),
      );
      for (const [id, , , count] of rows) times.set(id.toString(), Number(count));
      from = rows.length < 10_000 ? undefined : `(${rows.at(-1)![0].toString()}`;
    }
    return entries.map((entry) => ({ ...entry, deliveries: times.get(entry.id) ?? 1 }));
  }
}

/** Names and values in turn, as XINFO replies them. */
type Pairs = readonly unknown[];

function factOf(pairs: Pairs | undefined, name: string): unknown {
  const at = pairs?.findIndex((each, i) => i % 2 === 0 && String(each) === name) ?? -1;
  return at < 0 ? null : pairs![at + 1];
}

/**
 * Whether the stream lost entries that the group was not given yet: the first one that it holds is one the group never saw, and more went
 * before it than the group has read. Before Redis 7, and for a group that began in the middle until it has caught up, the server does not
 * count: then an entry before is missing for certain, and is taken for lost although it may be the last one that the group was given.
 */
function isSkipped(stream: Pairs, group: Pairs | undefined, after: string, first: string | undefined): boolean {
  const oldest = factOf(stream, 'first-entry') as RawEntry | null;
  if (first === undefined || oldest === null || oldest[0].toString() !== first || after === '0-0') return false;
  const [added, read] = [factOf(stream, 'entries-added'), factOf(group, 'entries-read')];
  return added === null || read === null || Number(added) - Number(factOf(stream, 'length')) > Number(read);
}

const nextId = (id: string): string => {
  const [ms = '0', seq = '0'] = id.split('-');
  return `${ms}-${BigInt(seq) + 1n}`;
};
