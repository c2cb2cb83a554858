import type { Base, RecordsBatch } from '@platformatic/kafka';
import type { LogRecord, ReadRequest } from '../../ports/record-log.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { errorNameOf, type FetchApi, faultOf, fetchApi, namesTopicsById, partialAnswer } from './kafka-protocol.ts';
import { endOf, RecordCursor } from './kafka-records.ts';

/** About the most bytes of an answer. */
const MAX_BYTES = 8 * 1024 * 1024;
/** What is asked of a partition at first, for each record and in all; a batch that is larger comes when it is asked for again. */
const FIRST_BYTES = 16 * 1024;
const RECORD_BYTES = 256;
const MOST_BYTES = 1024 * 1024;
const READ_UNCOMMITTED = 0;

/** One request, until it is answered. */
interface Reading {
  readonly topic: string;
  readonly partition: number;
  readonly max: number;
  readonly records: LogRecord[];
  /** The next offset to fetch. */
  next: number;
  /** Bytes to ask for. */
  bytes: number;
  open: boolean;
}

type Partition = Awaited<ReturnType<FetchApi['async']>>['responses'][number]['partitions'][number];

/**
 * Reads partitions outside any group, as many as fit into one fetch for each broker. Not through the library's `fetch`: its sessions know
 * of one set of partitions only, and when one partition fails it keeps what came of the others.
 */
export class KafkaReader {
  readonly #client: Base;
  readonly #cluster: KafkaCluster;
  #fetch: FetchApi | null = null;

  constructor(client: Base, cluster: KafkaCluster) {
    this.#client = client;
    this.#cluster = cluster;
  }

  /** The records of each request, in the order of the requests. */
  async read(requests: readonly ReadRequest[]): Promise<LogRecord[][]> {
    const readings = requests.map(({ topic, partition, from, max }): Reading => {
      const bytes = Math.min(Math.max(max * RECORD_BYTES, FIRST_BYTES), MOST_BYTES);
      return { topic, partition, max, records: [], next: Math.max(from, 0), bytes, open: max > 0 };
    });
    for (let open = readings; open.length > 0; open = open.filter((reading) => reading.open)) {
      const led = await this.#cluster.byLeader(open.filter((reading) => reading.open));
      const asked = new Set([...led.values()].flat());
      for (const reading of open) if (!asked.has(reading)) reading.open = false;
      const rounds = await Promise.allSettled([...led].map(([node, mine]) => this.#round(node, mine)));
      for (const round of rounds) if (round.status === 'rejected') throw round.reason;
    }
    return readings.map(({ records }) => records);
  }

  /** One fetch from one broker, of the first of these that fit. */
  async #round(node: number, readings: readonly Reading[]): Promise<void> {
    const chosen: Reading[] = [];
    const taken = new Set<string>();
    for (let i = 0, bytes = 0; i < readings.length && bytes < MAX_BYTES; i += 1) {
      const reading = readings[i]!;
      // A fetch has one place for each partition.
      const place = `${reading.topic}/${reading.partition}`;
      if (taken.has(place)) continue;
      taken.add(place);
      chosen.push(reading);
      bytes += reading.bytes;
    }
    const outOfRange: Reading[] = [];
    for (const [reading, partition] of await this.#ask(node, chosen)) {
      const { errorCode } = partition;
      if (errorCode === 0) this.#take(reading, partition);
      else if (errorNameOf(errorCode) === 'OFFSET_OUT_OF_RANGE') outOfRange.push(reading);
      else {
        // Deleted, made anew, or led by another: when it is tried again, the cluster says which.
        this.#cluster.forget([reading.topic]);
        throw faultOf(errorCode, `${reading.topic}/${reading.partition}`);
      }
    }
    if (outOfRange.length > 0) await this.#moveToEarliest(outOfRange);
  }

  async #ask(node: number, readings: readonly Reading[]): Promise<[Reading, Partition][]> {
    this.#fetch ??= await fetchApi(this.#client);
    const byId = namesTopicsById(this.#fetch);
    const infos = await this.#cluster.topics(readings.map(({ topic }) => topic));
    const byTopic = Map.groupBy(readings, ({ topic }) => (byId ? (infos.get(topic)?.id ?? topic) : topic));
    const topics = [...byTopic].map(([topicId, partitions]) => ({
      topicId,
      partitions: partitions.map(({ partition, next, bytes }) => ({
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: BigInt(next),
        lastFetchedEpoch: -1,
        partitionMaxBytes: bytes,
      })),
    }));
    const connection = await this.#cluster.connect(node);
    const answer = await partialAnswer(
      this.#fetch.async(connection, 0, 0, MAX_BYTES, READ_UNCOMMITTED, 0, -1, topics, [], ''),
    );
    if (answer.errorCode !== 0) throw faultOf(answer.errorCode, `broker ${node}`);
    const found: [Reading, Partition][] = [];
    for (const { topicId, partitions } of answer.responses) {
      for (const partition of partitions) {
        const reading = byTopic.get(topicId)?.find((one) => one.partition === partition.partitionIndex);
        if (reading !== undefined) found.push([reading, partition]);
      }
    }
    return found;
  }

  #take(reading: Reading, { records, highWatermark }: Partition): void {
    const batches: RecordsBatch[] = records ?? [];
    const last = batches.at(-1);
    const end = Number(highWatermark);
    if (last !== undefined) {
      new RecordCursor(reading.topic, reading.partition, reading.next, batches).take(reading.records, reading.max);
      reading.next = endOf(last);
      reading.open = reading.records.length < reading.max && reading.next < end;
    } else if (reading.next >= end) reading.open = false;
    else if (reading.bytes === MAX_BYTES) throw new Error(`nothing came of ${reading.topic}/${reading.partition}`);
    // The first batch is larger than what was asked for; alone in a fetch it comes whatever its size.
    else reading.bytes = reading.bytes < MOST_BYTES ? MOST_BYTES : MAX_BYTES;
  }

  /** Records that were dropped are not missed by who reads outside a group: reading begins at what is kept. */
  async #moveToEarliest(readings: readonly Reading[]): Promise<void> {
    const ranges = await this.#cluster.rangesOf(readings);
    readings.forEach((reading, i) => {
      const range = ranges[i] ?? null;
      if (range !== null && reading.next < range.earliest) reading.next = range.earliest;
      else reading.open = false;
    });
  }
}
