import type { Admin, Producer } from '@platformatic/kafka';
import type { NewRecord, RefusedTopic } from '../../ports/record-log.ts';
import { isRefusal, type KafkaOptions } from './kafka-client.ts';
import { KafkaCluster, type TopicInfo } from './kafka-cluster.ts';
import { PartitionQueue } from './kafka-partition.ts';
import { partitionOf } from './kafka-records.ts';
import { TopicMaker } from './kafka-topic-maker.ts';

interface Route {
  /** One for each partition. */
  readonly queues: PartitionQueue[];
  /** Node that leads each partition. */
  leaders: number[];
  /** Partition of the last record without a key. */
  last: number;
}

/** Where records go: topics to partitions and to the brokers that lead them. */
export class KafkaRoutes {
  /** Why a topic is not ready, as far as known. */
  reason = 'a topic is not known to the broker yet';
  readonly #client: Producer;
  readonly #cluster: KafkaCluster;
  readonly #maker: TopicMaker;
  readonly #routes = new Map<string, Route>();
  #producerId: bigint | null = null;

  constructor(options: KafkaOptions, client: Producer, admin: Admin) {
    this.#client = client;
    this.#cluster = new KafkaCluster(options, client);
    // Who appends has a deadline of his own.
    this.#maker = new TopicMaker(options, admin, this.#cluster, (request) => request());
  }

  knows(topic: string): boolean {
    return this.#routes.has(topic);
  }

  /** The queue of a record's partition. Its topic must be known. */
  queueOf({ topic, key }: NewRecord): PartitionQueue {
    const route = this.#routes.get(topic)!;
    const count = route.queues.length;
    if (count === 1) return route.queues[0]!;
    if (key !== null) return route.queues[partitionOf(key, count)]!;
    route.last = (route.last + 1) % count;
    return route.queues[route.last]!;
  }

  /** The node that leads its partition; undefined where the topic was made anew with fewer. */
  leaderOf({ topic, partition }: PartitionQueue): number | undefined {
    return this.#routes.get(topic)!.leaders[partition];
  }

  /**
   * Asks for partitions and leaders, and makes the topics that are missing. Resolves with those that the broker refuses;
   * one that is neither among them nor known (`knows`) is not ready yet.
   */
  async lookUp(topics: readonly string[]): Promise<RefusedTopic[]> {
    const missing = await this.#take(topics);
    const refused = missing.refused;
    if (missing.topics.length === 0) return refused;
    refused.push(...(await this.#maker.make(missing.topics.map((topic) => ({ topic })))));
    const made = missing.topics.filter((topic) => !refused.some((one) => one.topic === topic));
    refused.push(...(await this.#take(made)).refused);
    return refused;
  }

  /** Takes over what the cluster says of these topics; gives those that it does not have, and those that this client may not use. */
  async #take(topics: readonly string[]): Promise<{ topics: string[]; refused: RefusedTopic[] }> {
    const described = await this.#cluster.describe(topics);
    const refused: RefusedTopic[] = [];
    for (const [topic, info] of described) {
      if (!(info instanceof Error)) this.#set(topic, info);
      else if (isRefusal(info)) refused.push({ topic, reason: info.message, collidesWith: null });
      else this.reason = info.message;
    }
    return { topics: topics.filter((topic) => !described.has(topic)), refused };
  }

  #set(topic: string, { leaders }: TopicInfo): void {
    const route = this.#routes.get(topic) ?? { queues: [], leaders: [], last: -1 };
    route.leaders = [...leaders];
    route.queues.length = Math.min(route.queues.length, leaders.length);
    for (let p = route.queues.length; p < leaders.length; p += 1) {
      const queue = new PartitionQueue(topic, p);
      queue.producerId = this.#producerId;
      route.queues.push(queue);
    }
    this.#routes.set(topic, route);
  }

  /** Gets a producer id for the queues that have none. */
  async identify(): Promise<void> {
    // -1 asks for a new id; the library's default asks to go on with that of another producer.
    const { producerId } = await this.#client.initIdempotentProducer({ producerId: -1n, producerEpoch: -1 });
    this.#producerId = producerId;
    for (const { queues } of this.#routes.values()) for (const queue of queues) queue.producerId ??= producerId;
  }
}
