import type { EntryStream, GroupBatch, GroupReader } from '../../ports/entry-stream.ts';
import type { Lease } from '../../ports/lease.ts';
import type { PubSub } from '../../ports/pub-sub.ts';
import type { RecordLog, RefusedTopic, TopicSelector } from '../../ports/record-log.ts';

/**
 * Views of engines in which every name carries a prefix that their users do not see: a run on real engines that cannot
 * touch what else lives there. `prefix` must be legal in a topic.
 */
const strip = (prefix: string, name: string): string => name.slice(prefix.length);

export function namespacedPubSub(inner: PubSub, prefix: string): PubSub {
  return {
    publish: (messages) => inner.publish(messages.map((m) => ({ ...m, channel: prefix + m.channel }))),
    subscribe: (pattern, listener, signal) =>
      inner.subscribe(
        prefix + pattern,
        {
          message: (channel, payload, arrivedAt) => listener.message(strip(prefix, channel), payload, arrivedAt),
          joined: (asked) => listener.joined(asked),
          caughtUp: (since) => listener.caughtUp?.(since),
          lost: (reason) => listener.lost(reason),
        },
        signal,
      ),
    ping: () => inner.ping(),
    close: () => inner.close(),
  };
}

export function namespacedStreams(inner: EntryStream, prefix: string): EntryStream {
  const named = <E extends { stream: string }>(entry: E): E => ({ ...entry, stream: strip(prefix, entry.stream) });
  const prefixed = (reader: GroupReader): GroupReader => ({ ...reader, stream: prefix + reader.stream });
  const batch = ({ entries, ...rest }: GroupBatch): GroupBatch => ({ ...rest, entries: entries.map(named) });
  return {
    append: (entries) => inner.append(entries.map((e) => ({ ...e, stream: prefix + e.stream }))),
    range: async (stream, from, to, count) => (await inner.range(prefix + stream, from, to, count)).map(named),
    newest: async (stream, count, before) => (await inner.newest(prefix + stream, count, before)).map(named),
    streams: async (pattern) => (await inner.streams(prefix + pattern)).map((name) => strip(prefix, name)),
    readGroup: async (reader, count, waitMs, signal) =>
      batch(await inner.readGroup(prefixed(reader), count, waitMs, signal)),
    claim: async (reader, minIdleMs, count, from) => batch(await inner.claim(prefixed(reader), minIdleMs, count, from)),
    ack: (stream, group, ids) => inner.ack(prefix + stream, group, ids),
    ping: () => inner.ping(),
    close: () => inner.close(),
  };
}

export function namespacedLease(inner: Lease, prefix: string): Lease {
  return {
    acquire: (name, holder, terms) => inner.acquire(prefix + name, holder, terms),
    renew: (name, holder, epoch, terms) => inner.renew(prefix + name, holder, epoch, terms),
    release: (name, holder, epoch) => inner.release(prefix + name, holder, epoch),
    current: (name) => inner.current(prefix + name),
    ping: () => inner.ping(),
    close: () => inner.close(),
  };
}

export function namespacedLog(inner: RecordLog, prefix: string): RecordLog {
  const named = <T extends { topic: string }>(at: T): T => ({ ...at, topic: strip(prefix, at.topic) });
  const prefixed = <T extends { topic: string }>(at: T): T => ({ ...at, topic: prefix + at.topic });
  // The reason may name topics with the prefix: it is for a person, who finds them under that name.
  const refused = (topic: RefusedTopic): RefusedTopic => ({
    ...named(topic),
    collidesWith: topic.collidesWith?.startsWith(prefix) ? strip(prefix, topic.collidesWith) : topic.collidesWith,
  });
  const select = (topics: TopicSelector): TopicSelector =>
    'topics' in topics
      ? { topics: topics.topics.map((topic) => prefix + topic) }
      : { match: behind(prefix, topics.match) };
  return {
    append: (records) => inner.append(records.map(prefixed)),
    consume: ({ onAssignment, onLoss, ...options }, handle, signal) =>
      inner.consume(
        {
          ...options,
          group: prefix + options.group,
          topics: select(options.topics),
          ...(onAssignment && { onAssignment: (held) => onAssignment(held.map(named)) }),
          ...(onLoss && { onLoss: (loss) => onLoss(named(loss)) }),
        },
        async (records) => (await handle(records.map(named))).map(prefixed),
        signal,
      ),
    read: async (requests) => (await inner.read(requests.map(prefixed))).map((records) => records.map(named)),
    ranges: async (topics) => (await inner.ranges(topics.map((topic) => prefix + topic))).map(named),
    topics: async () =>
      (await inner.topics()).filter((topic) => topic.startsWith(prefix)).map((topic) => strip(prefix, topic)),
    createTopics: async (specs) => (await inner.createTopics(specs.map(prefixed))).map(refused),
    committed: async (group) => (await inner.committed(prefix + group)).map(named),
    ping: () => inner.ping(),
    close: () => inner.close(),
  };
}

/** The pattern, for names behind the prefix. */
function behind(prefix: string, match: RegExp): RegExp {
  const literal = prefix.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    match.source.startsWith('^') ? `^${literal}(?:${match.source.slice(1)})` : `^${literal}.*(?:${match.source})`,
    match.flags,
  );
}
