import { Admin, Consumer, ListOffsetTimestamps, MessagesStreamModes } from '@platformatic/kafka';

/** What came of numbered ticks, read from Kafka by the client alone. */
export interface Outcome {
  readonly arrived: number;
  readonly doubled: number;
  /** Ticks that stand behind a later one of their symbol. */
  readonly moved: number;
  /** Missing ones that a gap record tells of. */
  readonly told: number;
  /** Missing ones that nothing tells of. */
  readonly silent: number;
  /** Reasons of the gaps after the start, with their status. */
  readonly gaps: readonly string[];
}

interface Gap {
  readonly id: string;
  readonly reason: string;
  readonly status: string;
  readonly symbols: Readonly<Record<string, { readonly after: number | null; readonly before: number | null }>>;
}

const LIMIT_MS = 120_000;

export class BurstReader {
  readonly #brokers: string[];
  readonly #admin: Admin;

  constructor(bootstrap: string) {
    this.#brokers = [bootstrap];
    this.#admin = new Admin({ clientId: 'burst-bench', bootstrapBrokers: this.#brokers });
  }

  async #topics(prefix: string): Promise<string[]> {
    return (await this.#admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  }

  /** Records in all topics whose names begin so. */
  async count(prefix: string): Promise<number> {
    const topics = await this.#topics(prefix);
    if (topics.length === 0) return 0;
    const listed = await this.#admin.listOffsets({
      topics: topics.map((name) => ({
        name,
        partitions: [{ partitionIndex: 0, timestamp: ListOffsetTimestamps.LATEST }],
      })),
    });
    return listed.reduce((sum, { partitions }) => sum + Number(partitions[0]!.offset), 0);
  }

  async #each(prefix: string, see: (topic: string, value: Buffer) => void): Promise<void> {
    const topics = await this.#topics(prefix);
    let left = await this.count(prefix);
    if (left === 0) return;
    const consumer = new Consumer({
      clientId: 'burst-bench',
      groupId: `burst-bench-${process.pid}-${left}-${performance.now()}`,
      bootstrapBrokers: this.#brokers,
      autocommit: false,
    });
    const stream = await consumer.consume({ topics, mode: MessagesStreamModes.EARLIEST, maxWaitTime: 100 });
    const late = setTimeout(() => stream.destroy(new Error('the bench reads in vain')), LIMIT_MS);
    for await (const { topic, value } of stream) {
      see(topic, value as Buffer);
      left -= 1;
      if (left === 0) break;
    }
    clearTimeout(late);
    await consumer.close(true);
  }

  /** Of `ticks` published with ids from 0 on, whose times are `tsOf` (epoch milliseconds) and whose symbols are `symbolOf`. */
  async outcome(ticks: number, symbolOf: (n: number) => string, tsOf: (n: number) => number): Promise<Outcome> {
    const seen = new Uint8Array(ticks);
    const last = new Map<string, number>();
    let [arrived, doubled, moved] = [0, 0, 0];
    await this.#each('ticks.B', (topic, value) => {
      const n = Number(/"id":"(\d+)"/.exec(value.toString())![1]);
      if (seen[n] === 1) doubled += 1;
      else arrived += 1;
      seen[n] = 1;
      if (n < (last.get(topic) ?? -1)) moved += 1;
      last.set(topic, n);
    });
    const newest = new Map<string, Gap>();
    await this.#each('mirror.gaps', (_topic, value) => {
      const gap = JSON.parse(value.toString()) as Gap;
      newest.set(gap.id, gap);
    });
    const open = [...newest.values()].filter(({ status }) => status === 'open');
    let told = 0;
    for (let n = 0; n < ticks; n += 1) {
      if (seen[n] === 1) continue;
      const ts = tsOf(n);
      const within = open.some(({ symbols }) => {
        const bounds = symbols[symbolOf(n)];
        return bounds !== undefined && ts >= (bounds.after ?? 0) - 1 && ts <= (bounds.before ?? Infinity) + 1;
      });
      if (within) told += 1;
    }
    const gaps = [...newest.values()].filter(({ reason }) => reason !== 'start');
    return {
      arrived,
      doubled,
      moved,
      told,
      silent: ticks - arrived - told,
      gaps: gaps.map(({ reason, status }) => `${reason} ${status}`),
    };
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }
}
