import { Consumer, FetchIsolationLevels, type RecordsBatch } from '@platformatic/kafka';
import { clientOptions, closeClient, isApiError, type KafkaOptions, quiet } from './kafka-client.ts';
import { connectTo } from './kafka-protocol.ts';

const EARLIEST = -2n;
const LATEST = -1n;

/** A partition to read, from offset `from` on. */
export interface Want {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
}

/** What the broker sent for a partition. */
export interface Fetched<W extends Want> {
  readonly want: W;
  readonly batches: readonly RecordsBatch[];
  /** Where the partition ends. */
  readonly end: number;
}

export interface FetchLimits {
  /** How long the broker may wait for `minBytes` of records. */
  readonly waitMs: number;
  readonly minBytes: number;
  /** About the most bytes of an answer, and of one partition in it. A larger batch still comes, alone. */
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
}

/**
 * Reads records outside any group, on connections of its own: a fetch that waits for records would hold up
 * the heartbeats and commits that share its connection.
 */
export class Fetcher {
  readonly #options: KafkaOptions;
  readonly #client: Consumer;

  constructor(options: KafkaOptions) {
    this.#options = options;
    // The group is never joined; the library wants a name.
    this.#client = quiet(new Consumer({ ...clientOptions(options), groupId: `${options.clientId}-reader` }));
  }

  /** The topics that will be fetched. */
  follow(topics: Iterable<string>): void {
    const wanted = new Set(topics);
    for (const topic of [...this.#client.topics.keys()]) if (!wanted.has(topic)) this.#client.topics.untrack(topic);
    for (const topic of wanted) if (!this.#client.topics.has(topic)) this.#client.topics.track(topic);
  }

  /** Groups wants by the broker that leads their partitions. Rejects where a topic is unknown. */
  async byLeader<W extends Want>(wants: readonly W[], forceUpdate = false): Promise<Map<number, W[]>> {
    const groups = new Map<number, W[]>();
    if (wants.length === 0) return groups;
    const { topics } = await this.#client.metadata({ topics: this.#client.topics.current.slice(), forceUpdate });
    for (const want of wants) {
      const leader = topics.get(want.topic)?.partitions[want.partition]?.leader;
      if (leader === undefined) continue;
      const group = groups.get(leader);
      if (group === undefined) groups.set(leader, [want]);
      else group.push(want);
    }
    return groups;
  }

  /** One fetch from one broker. Calls for the same broker must not overlap: they share a fetch session. */
  async fetch<W extends Want>(
    node: number,
    wants: readonly W[],
    { waitMs, minBytes, maxBytes, maxPartitionBytes }: FetchLimits,
  ): Promise<Fetched<W>[]> {
    const { topics } = await this.#client.metadata({ topics: this.#client.topics.current.slice() });
    const byId = new Map<string, Map<number, W>>();
    for (const want of wants) {
      const id = topics.get(want.topic)?.id;
      if (id === undefined) continue;
      const partitions = byId.get(id);
      if (partitions === undefined) byId.set(id, new Map([[want.partition, want]]));
      else partitions.set(want.partition, want);
    }
    await connectTo(this.#client, node);
    const response = await this.#client.fetch({
      node,
      minBytes,
      maxWaitTime: waitMs,
      maxBytes,
      isolationLevel: FetchIsolationLevels.READ_UNCOMMITTED,
      topics: [...byId].map(([topicId, partitions]) => ({
        topicId,
        partitions: [...partitions.values()].map(({ partition, from }) => ({
          partition,
          fetchOffset: BigInt(from),
          partitionMaxBytes: maxPartitionBytes,
          currentLeaderEpoch: -1,
          lastFetchedEpoch: -1,
        })),
      })),
    });
    const fetched: Fetched<W>[] = [];
    for (const { topicId, partitions } of response.responses) {
      for (const { partitionIndex, records, highWatermark } of partitions) {
        const want = byId.get(topicId)?.get(partitionIndex);
        if (want !== undefined) fetched.push({ want, batches: records ?? [], end: Number(highWatermark) });
      }
    }
    return fetched;
  }

  /** The ranges [earliest, end) of partitions, in the order given. */
  async ranges(of: readonly { topic: string; partition: number }[]): Promise<{ earliest: number; end: number }[]> {
    const partitions: Record<string, number[]> = {};
    for (const { topic, partition } of of) (partitions[topic] ??= []).push(partition);
    const topics = Object.keys(partitions);
    if (topics.length === 0) return [];
    const earliest = await this.#client.listOffsets({ topics, partitions, timestamp: EARLIEST });
    const end = await this.#client.listOffsets({ topics, partitions, timestamp: LATEST });
    return of.map(({ topic, partition }) => ({
      earliest: Number(earliest.get(topic)![partition]),
      end: Number(end.get(topic)![partition]),
    }));
  }

  close(): Promise<void> {
    return closeClient(this.#options, this.#client);
  }
}

/** Whether a fetch failed because an offset is not, or no longer, in its partition. */
export const isOutOfRange = (error: unknown): boolean => isApiError(error, 'OFFSET_OUT_OF_RANGE');
