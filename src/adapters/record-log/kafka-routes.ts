import type { Admin, Producer } from '@platformatic/kafka';
import type { NewRecord } from '../../ports/record-log.ts';
import { isUnknownTopic } from './kafka-client.ts';
import { PartitionQueue } from './kafka-partition.ts';
import { partitionOf } from './kafka-records.ts';
import { createMissing } from './kafka-topics.ts';

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
  readonly #client: Producer;
  readonly #admin: Admin;
  readonly #routes = new Map<string, Route>();
  #producerId: bigint | null = null;

  constructor(client: Producer, admin: Admin) {
    this.#client = client;
    this.#admin = admin;
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

  leaderOf({ topic, partition }: PartitionQueue): number {
    return this.#routes.get(topic)!.leaders[partition]!;
  }

  /** Asks for partitions and leaders. Makes the topics that are missing, and rejects: they are not known everywhere at once. */
  async lookUp(topics: readonly string[]): Promise<void> {
    let known: Awaited<ReturnType<Producer['metadata']>>['topics'];
    try {
      known = (await this.#client.metadata({ topics: [...topics], forceUpdate: true })).topics;
    } catch (error) {
      if (isUnknownTopic(error)) {
        await createMissing(
          this.#admin,
          topics.map((topic) => ({ topic })),
        );
      }
      throw error;
    }
    for (const topic of topics) {
      const { partitions } = known.get(topic)!;
      const route = this.#routes.get(topic) ?? { queues: [], leaders: [], last: -1 };
      route.leaders = partitions.map(({ leader }) => leader);
      for (let p = route.queues.length; p < partitions.length; p += 1) {
        const queue = new PartitionQueue(topic, p);
        queue.producerId = this.#producerId;
        route.queues.push(queue);
      }
      this.#routes.set(topic, route);
    }
  }

  /** Gets a producer id for the queues that have none. */
  async identify(): Promise<void> {
    // -1 asks for a new id; the library's default asks to go on with that of another producer.
    const { producerId } = await this.#client.initIdempotentProducer({ producerId: -1n, producerEpoch: -1 });
    this.#producerId = producerId;
    for (const { queues } of this.#routes.values()) for (const queue of queues) queue.producerId ??= producerId;
  }
}
