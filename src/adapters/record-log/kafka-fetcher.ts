import { Consumer, type RecordsBatch } from '@platformatic/kafka';
import type { PartitionRange } from '../../ports/record-log.ts';
import { clientOptions, closeClient, type KafkaOptions, quiet } from './kafka-client.ts';
import { KafkaCluster, type PartitionPlace, type TopicInfo } from './kafka-cluster.ts';
import { FetchSession } from './kafka-fetch-session.ts';
import {
  connectTo,
  errorNameOf,
  type FetchApi,
  faultOf,
  fetchApi,
  namesTopicsById,
  partialAnswer,
} from './kafka-protocol.ts';

/** A partition to read, from offset `from` on. */
export interface Want extends PartitionPlace {
  readonly from: number;
  /** Of its topic: a topic that was made anew under the same name is another. */
  readonly id: string;
}

/** What the broker sent for a partition. */
export interface Fetched<W extends Want> {
  readonly want: W;
  /** The protocol's name of the error; null where there is none. */
  readonly fault: string | null;
  readonly batches: readonly RecordsBatch[];
}

export interface FetchLimits {
  /** How long the broker may wait for `minBytes` of records. */
  readonly waitMs: number;
  readonly minBytes: number;
  /** About the most bytes of an answer, and of one partition in it. A larger batch still comes, alone. */
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
}

const READ_UNCOMMITTED = 0;

/**
 * Reads records for a consumer, on connections of its own: a fetch that waits for records would hold up
 * the heartbeats and commits that share its connection.
 */
export class Fetcher {
  readonly #options: KafkaOptions;
  readonly #client: Consumer;
  readonly #cluster: KafkaCluster;
  readonly #sessions = new Map<number, FetchSession<Want>>();
  #fetch: FetchApi | null = null;

  constructor(options: KafkaOptions) {
    this.#options = options;
    // The group is never joined; the library wants a name.
    this.#client = quiet(new Consumer({ ...clientOptions(options), groupId: `${options.clientId}-reader` }));
    this.#cluster = new KafkaCluster(options, this.#client);
  }

  /** Of these topics those that can be read now. */
  topics(names: Iterable<string>): Promise<ReadonlyMap<string, TopicInfo>> {
    return this.#cluster.usable(names);
  }

  /** Asks anew for these topics next time. */
  forget(names: Iterable<string>): void {
    this.#cluster.forget(names);
  }

  /** One fetch from one broker. Calls for the same broker must not overlap: they share a fetch session. */
  async fetch<W extends Want>(node: number, wants: readonly W[], limits: FetchLimits): Promise<Fetched<W>[]> {
    const session = (this.#sessions.get(node) as FetchSession<W> | undefined) ?? new FetchSession<W>();
    // Unless it is answered, nobody knows what the broker knows.
    this.#sessions.delete(node);
    this.#fetch ??= await fetchApi(this.#client);
    const { waitMs, minBytes, maxBytes, maxPartitionBytes } = limits;
    const byId = namesTopicsById(this.#fetch);
    const { topics, forgotten } = session.changes(wants, byId, maxPartitionBytes);
    const connection = await connectTo(this.#client, node);
    const { id, epoch } = session;
    const answer = await partialAnswer(
      this.#fetch.async(connection, waitMs, minBytes, maxBytes, READ_UNCOMMITTED, id, epoch, topics, forgotten, ''),
    );
    if (answer.errorCode !== 0) throw faultOf(answer.errorCode, `broker ${node}`);
    const fetched: Fetched<W>[] = [];
    for (const { topicId, partitions } of answer.responses) {
      for (const { partitionIndex, errorCode, records } of partitions) {
        const want = session.at(topicId, partitionIndex);
        const fault = errorCode === 0 ? null : errorNameOf(errorCode);
        if (want !== undefined) fetched.push({ want, fault, batches: records ?? [] });
      }
    }
    session.answered(answer.sessionId);
    this.#sessions.set(node, session);
    return fetched;
  }

  /** The ranges of partitions, in the order given; null for those that do not exist. */
  ranges(of: readonly PartitionPlace[]): Promise<(PartitionRange | null)[]> {
    return this.#cluster.rangesOf(of);
  }

  close(): Promise<void> {
    return closeClient(this.#options, this.#client);
  }
}
