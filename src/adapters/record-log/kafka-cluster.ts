import type { Base, Connection } from '@platformatic/kafka';
import type { PartitionRange } from '../../ports/record-log.ts';
import { isApiError, type KafkaOptions } from './kafka-client.ts';
import {
  connectTo,
  errorNameOf,
  faultOf,
  type ListOffsetsApi,
  listOffsetsApi,
  type MetadataApi,
  metadataApi,
  partialAnswer,
} from './kafka-protocol.ts';

const EARLIEST = -2n;
const LATEST = -1n;
const READ_UNCOMMITTED = 0;
/**
 * How long it is taken for granted how many partitions a topic has and who leads them: the longer, the more topics are asked for at once. A
 * leader that moved is noticed at once: it refuses.
 */
const MAX_AGE_MS = { least: 5_000, perTopic: 20, most: 60_000 };

/** What a cluster says of a topic. */
export interface TopicInfo {
  /** Changes when the topic is made anew. Brokers before Kafka 3 give none: then its name. */
  readonly id: string;
  /** Node that leads each partition. */
  readonly leaders: readonly number[];
}

/** A partition, and where in it. */
export interface PartitionPlace {
  readonly topic: string;
  readonly partition: number;
}

const ABSENT = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INVALID_TOPIC_EXCEPTION']);
/** Says nothing against a partition that has a leader. */
const HARMLESS = 'REPLICA_NOT_AVAILABLE';
const UNSEEN = 'TOPIC_AUTHORIZATION_FAILED';

/**
 * Topics, their leaders and their ranges. Asked without the library's clients around it, which forget the answer for all topics when one is
 * missing; so the number of requests depends on brokers, not on topics.
 */
export class KafkaCluster {
  readonly #options: KafkaOptions;
  readonly #client: Base;
  readonly #known = new Map<string, TopicInfo & { readonly at: number }>();
  #metadata: MetadataApi | null = null;
  #listOffsets: ListOffsetsApi | null = null;

  constructor(options: KafkaOptions, client: Base) {
    this.#options = options;
    this.#client = client;
  }

  /** The topics that exist, by name. Rejects while a partition has no leader. */
  async topics(names: Iterable<string>): Promise<ReadonlyMap<string, TopicInfo>> {
    const asked = [...new Set(names)];
    const described = await this.describe(this.#staleOf(asked));
    for (const info of described.values()) if (info instanceof Error) throw info;
    return this.#ofKnown(asked);
  }

  #staleOf(names: readonly string[]): string[] {
    const { least, perTopic, most } = MAX_AGE_MS;
    const since = this.#options.clock.monotonic() - Math.min(Math.max(names.length * perTopic, least), most);
    return names.filter((name) => (this.#known.get(name)?.at ?? Number.NEGATIVE_INFINITY) < since);
  }

  #ofKnown(names: readonly string[]): Map<string, TopicInfo> {
    return new Map(names.flatMap((name) => (this.#known.has(name) ? [[name, this.#known.get(name)!]] : [])));
  }

  /** Of these topics those that can be used now: they exist, and every partition is led. */
  async usable(names: Iterable<string>): Promise<ReadonlyMap<string, TopicInfo>> {
    const asked = [...new Set(names)];
    await this.describe(this.#staleOf(asked));
    return this.#ofKnown(asked);
  }

  /** The names of topics that exist; not of those that this client may not know of. */
  async existing(names: readonly string[]): Promise<Set<string>> {
    const described = await this.describe(names);
    return new Set(names.filter((name) => described.has(name) && !isApiError(described.get(name), UNSEEN)));
  }

  /** Asks the cluster now. Of a topic without a leader, or that this client may not see, it gives the reason; those that do not exist are left out. */
  async describe(names: readonly string[]): Promise<ReadonlyMap<string, TopicInfo | Error>> {
    const described = new Map<string, TopicInfo | Error>();
    if (names.length === 0) return described;
    const at = this.#options.clock.monotonic();
    this.#metadata ??= await metadataApi(this.#client);
    const answer = await partialAnswer(this.#metadata.async(await this.#anyBroker(), [...names], false, false));
    for (const name of names) this.#known.delete(name);
    for (const topic of answer.topics) {
      const { name, errorCode } = topic;
      if (typeof name !== 'string' || ABSENT.has(errorNameOf(errorCode))) continue;
      const info = infoOf(name, topic);
      described.set(name, info);
      if (!(info instanceof Error)) this.#known.set(name, { ...info, at });
    }
    return described;
  }

  /** Asks anew for these topics next time: somebody who led no longer does, or a topic was deleted. */
  forget(names: Iterable<string>): void {
    for (const name of names) this.#known.delete(name);
  }

  /** [earliest, end) of every partition of the topics that exist, in their order. */
  async ranges(names: readonly string[]): Promise<PartitionRange[]> {
    const topics = await this.topics(names);
    const places = [...topics].flatMap(([topic, { leaders }]) => leaders.map((_, partition) => ({ topic, partition })));
    return (await this.rangesOf(places)).filter((range) => range !== null);
  }

  /** The ranges of partitions, in their order; null for those that do not exist. */
  async rangesOf(places: readonly PartitionPlace[]): Promise<(PartitionRange | null)[]> {
    // One after the other: records that are trimmed in between must not leave earliest > end.
    const earliest = await this.#offsets(places, EARLIEST);
    const end = await this.#offsets(places, LATEST);
    return places.map(({ topic, partition }) => {
      const [low, high] = [earliest.get(topic)?.get(partition), end.get(topic)?.get(partition)];
      return low === undefined || high === undefined
        ? null
        : { topic, partition, earliest: Math.min(low, high), end: high };
    });
  }

  /** A connection to the broker. */
  async connect(node: number): Promise<Connection> {
    try {
      return await connectTo(this.#client, node);
    } catch (error) {
      // It may have moved to another address.
      this.#known.clear();
      await this.#client.metadata({ topics: [], forceUpdate: true });
      throw error;
    }
  }

  /** Groups places by the broker that leads their partitions; leaves out those that do not exist. */
  async byLeader<P extends PartitionPlace>(places: readonly P[]): Promise<Map<number, P[]>> {
    const topics = await this.topics(places.map(({ topic }) => topic));
    const groups = new Map<number, P[]>();
    for (const place of places) {
      const leader = topics.get(place.topic)?.leaders[place.partition];
      if (leader === undefined) continue;
      const group = groups.get(leader);
      if (group === undefined) groups.set(leader, [place]);
      else group.push(place);
    }
    return groups;
  }

  /** A connection to any broker that is there. */
  async #anyBroker(): Promise<Connection> {
    const { brokers } = await this.#client.metadata({ topics: [] });
    for (const node of brokers.keys()) {
      try {
        return await connectTo(this.#client, node);
      } catch {
        // Another may be there.
      }
    }
    const [node] = (await this.#client.metadata({ topics: [], forceUpdate: true })).brokers.keys();
    return connectTo(this.#client, node!);
  }

  /** One offset of each partition, by topic and partition; those that do not exist are left out. */
  async #offsets(places: readonly PartitionPlace[], timestamp: bigint): Promise<Map<string, Map<number, number>>> {
    const found = new Map<string, Map<number, number>>();
    this.#listOffsets ??= await listOffsetsApi(this.#client);
    const requests = [...(await this.byLeader(places))].map(([node, led]) =>
      this.#offsetsAt(node, led, timestamp, found),
    );
    for (const { status, reason } of (await Promise.allSettled(requests)) as PromiseRejectedResult[])
      if (status === 'rejected') throw reason;
    return found;
  }

  async #offsetsAt(
    node: number,
    places: readonly PartitionPlace[],
    timestamp: bigint,
    found: Map<string, Map<number, number>>,
  ): Promise<void> {
    const topics = [...Map.groupBy(places, ({ topic }) => topic)].map(([name, partitions]) => ({
      name,
      partitions: partitions.map(({ partition }) => ({ partitionIndex: partition, currentLeaderEpoch: -1, timestamp })),
    }));
    const connection = await this.connect(node);
    const answer = await partialAnswer(this.#listOffsets!.async(connection, -1, READ_UNCOMMITTED, topics));
    let trouble: Error | null = null;
    for (const { name, partitions } of answer.topics) {
      const offsets = found.get(name) ?? new Map<number, number>();
      found.set(name, offsets);
      for (const { partitionIndex, errorCode, offset } of partitions) {
        if (errorCode === 0) offsets.set(partitionIndex, Number(offset));
        else {
          this.forget([name]);
          if (!ABSENT.has(errorNameOf(errorCode))) trouble ??= faultOf(errorCode, `${name}/${partitionIndex}`);
        }
      }
    }
    if (trouble !== null) throw trouble;
  }
}

function infoOf(
  topic: string,
  { topicId, errorCode, partitions }: Awaited<ReturnType<MetadataApi['async']>>['topics'][number],
): TopicInfo | Error {
  if (errorCode !== 0) return faultOf(errorCode, topic);
  const leaders: number[] = [];
  for (const { partitionIndex, leaderId, errorCode: code } of partitions) {
    if (code !== 0 && errorNameOf(code) !== HARMLESS) return faultOf(code, `${topic}/${partitionIndex}`);
    if (leaderId < 0) return new Error(`nobody leads ${topic}/${partitionIndex}`);
    leaders[partitionIndex] = leaderId;
  }
  return { id: /[1-9a-f]/.test(topicId) ? topicId : topic, leaders };
}
