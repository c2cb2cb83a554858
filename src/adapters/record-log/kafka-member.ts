import { Consumer, type ConsumerGroupJoinPayload, type GroupPartitionsAssigner } from '@platformatic/kafka';
import type { Clock } from '../../ports/clock.ts';
import type { LogPosition } from '../../ports/record-log.ts';
import { clientOptions, isApiError, type KafkaOptions, quiet } from './kafka-client.ts';
import { connectTo, type OffsetCommitApi, offsetCommitApi } from './kafka-protocol.ts';

export interface HeldPartition {
  readonly topic: string;
  readonly partition: number;
}

export const keyOf = ({ topic, partition }: HeldPartition): string => `${topic}:${partition}`;

/** A change of what a member holds. */
export interface Assignment {
  readonly held: readonly HeldPartition[];
  /** Keys of those that nobody else can have held since the last change that was told. */
  readonly retained: ReadonlySet<string>;
}

/**
 * One membership of a consumer group: joining, heartbeats and commits, without reading. When it fails it stays failed: make another.
 * Commits are sent as they are, not through the library's `commit`: that one joins again by itself when the group rebalances,
 * beside the join that the heartbeat starts, and so keeps the group rebalancing.
 */
export class GroupMember {
  readonly #clock: Clock;
  readonly #group: string;
  readonly #consumer: Consumer;
  readonly #onChange: () => void;
  #failure: unknown = null;
  #held: readonly HeldPartition[] = [];
  #retained = new Set<string>();
  #changed = false;
  #memberId = '';
  #generation = -1;
  #uncommitted = new Map<string, LogPosition>();
  #committing: Promise<void> | null = null;
  #api: OffsetCommitApi | null = null;
  #closed = false;

  constructor(options: KafkaOptions, group: string, onChange: () => void) {
    this.#clock = options.clock;
    this.#group = group;
    this.#onChange = onChange;
    const sessionTimeout = options.sessionTimeoutMs ?? 10_000;
    const rebalanceTimeout = sessionTimeout * 2;
    this.#consumer = quiet(
      new Consumer({
        ...clientOptions(options),
        groupId: group,
        groupProtocol: 'classic',
        protocols: [{ name: 'roundrobin', version: 1 }],
        partitionAssigner: roundRobin,
        autocommit: false,
        sessionTimeout,
        rebalanceTimeout,
        heartbeatInterval: Math.min(1000, Math.floor(sessionTimeout / 6)),
        heartbeatStallTimeout: sessionTimeout,
        // The broker answers a join when all members have joined.
        requestTimeout: rebalanceTimeout + 10_000,
        retries: 10,
        retryDelay: 200,
      }),
    );
    this.#consumer.on('consumer:group:join', (joined) => this.#joined(joined));
    this.#consumer.on('error', (error) => this.#fail(error));
    this.#consumer.on('consumer:heartbeat:stalled', ({ lastError }) =>
      this.#fail(lastError ?? new Error('heartbeats stopped')),
    );
  }

  /** Why this membership is over, or null. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether there is an assignment that was not taken yet. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Joins, or joins again with other topics. Resolves when this member knows what it holds; at once, doing nothing, while it is joining. */
  async subscribe(topics: readonly string[]): Promise<void> {
    const { topics: tracked } = this.#consumer;
    // The library takes the topics for granted from joining to knowing: they must not change in between.
    if (tracked.size > 0 && !this.#consumer.isActive()) return;
    const wanted = new Set(topics);
    for (const topic of [...tracked.keys()]) if (!wanted.has(topic)) tracked.untrack(topic);
    for (const topic of topics) if (!tracked.has(topic)) tracked.track(topic);
    // The leader shares out what it takes the partitions to be: a topic may have got more.
    await this.#consumer.metadata({ topics: [...topics], forceUpdate: true }).catch(() => undefined);
    await this.#consumer.joinGroup({});
  }

  /** Whether these are the topics of the last `subscribe`. */
  wants(topics: readonly string[]): boolean {
    const { topics: tracked } = this.#consumer;
    return topics.length === tracked.size && topics.every((topic) => tracked.has(topic));
  }

  takeAssignment(): Assignment {
    const assignment = { held: this.#held, retained: this.#retained };
    this.#retained = new Set(this.#held.map(keyOf));
    this.#changed = false;
    return assignment;
  }

  /** Where the group stands in partitions that this member holds; null where it never committed. */
  async committed(partitions: readonly HeldPartition[]): Promise<(number | null)[]> {
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of partitions) {
      const asked = topics.get(topic);
      if (asked === undefined) topics.set(topic, [partition]);
      else asked.push(partition);
    }
    const listed = await this.#consumer.listCommittedOffsets({
      topics: [...topics].map(([topic, asked]) => ({ topic, partitions: asked })),
    });
    return partitions.map(({ topic, partition }) => {
      const offset = listed.get(topic)?.[partition] ?? -1n;
      return offset < 0n ? null : Number(offset);
    });
  }

  /** Commits soon; a later position of the same partition replaces one that waits. */
  commit(positions: readonly LogPosition[]): void {
    for (const position of positions) this.#uncommitted.set(keyOf(position), position);
    this.#commitAll();
  }

  /** Resolves when everything is committed, or can't be within `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    const deadline = this.#clock.monotonic() + timeoutMs;
    while (this.#uncommitted.size > 0 || this.#committing !== null) {
      const left = deadline - this.#clock.monotonic();
      if (left <= 0 || this.#failure !== null) return;
      this.#commitAll();
      await Promise.race([this.#committing, this.#clock.sleep(left)]);
      if (this.#uncommitted.size > 0) await this.#clock.sleep(50);
    }
  }

  /** Leaves the group, so that others take over at once. */
  async leave(): Promise<void> {
    this.#closed = true;
    const left = this.#consumer.close(true).catch(() => this.#consumer.connections.close());
    // Nobody has to answer; then the session runs out.
    await Promise.race([left, this.#clock.sleep(2000).then(() => this.#consumer.connections.close())]);
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.#failure ??= error;
    this.#onChange();
  }

  /** The group has come to know what everybody holds. */
  #joined({ memberId, generationId = -1, assignments = [] }: ConsumerGroupJoinPayload): void {
    const held = assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
    // With a generation in between, or under another name, somebody else may have held any of them for a while.
    const unbroken =
      memberId === this.#memberId && (generationId === this.#generation + 1 || generationId === this.#generation);
    this.#retained = new Set(unbroken ? held.map(keyOf).filter((key) => this.#retained.has(key)) : []);
    for (const key of [...this.#uncommitted.keys()]) if (!this.#retained.has(key)) this.#uncommitted.delete(key);
    this.#held = held;
    this.#memberId = memberId;
    this.#generation = generationId;
    this.#changed = true;
    this.#commitAll();
    this.#onChange();
  }

  #commitAll(): void {
    if (this.#uncommitted.size === 0 || this.#committing !== null) return;
    this.#committing = this.#commitLoop().finally(() => {
      this.#committing = null;
    });
  }

  /** One commit at a time: of two at once the broker might keep the older. */
  async #commitLoop(): Promise<void> {
    while (this.#uncommitted.size > 0 && !this.#closed && this.#failure === null) {
      const positions = this.#uncommitted;
      this.#uncommitted = new Map();
      try {
        await this.#commitNow([...positions.values()]);
      } catch (error) {
        for (const [key, position] of positions) {
          if (this.#retained.has(key) && !this.#uncommitted.has(key)) this.#uncommitted.set(key, position);
        }
        // The heartbeat joins again; what this member then still holds is committed after that.
        if (isApiError(error, 'REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID')) return;
        await this.#clock.sleep(200);
      }
    }
  }

  async #commitNow(positions: readonly LogPosition[]): Promise<void> {
    const consumer = this.#consumer;
    this.#api ??= await offsetCommitApi(consumer);
    const coordinator = await connectTo(consumer, await consumer.findGroupCoordinator());
    const topics = new Map<
      string,
      { partitionIndex: number; committedOffset: bigint; committedLeaderEpoch: number }[]
    >();
    for (const { topic, partition, offset } of positions) {
      const committed = { partitionIndex: partition, committedOffset: BigInt(offset), committedLeaderEpoch: -1 };
      const others = topics.get(topic);
      if (others === undefined) topics.set(topic, [committed]);
      else others.push(committed);
    }
    await this.#api.async(
      coordinator,
      this.#group,
      this.#generation,
      this.#memberId,
      null,
      [...topics].map(([name, partitions]) => ({ name, partitions })),
    );
  }
}

/** Each topic's partitions in turn to the members that want it. The library's own gives every topic of the leader to all members. */
const roundRobin: GroupPartitionsAssigner = (_current, members, _topics, metadata) => {
  const ids = [...members.keys()].sort();
  const assigned = new Map(
    ids.map((memberId) => [
      memberId,
      { memberId, assignments: new Map<string, { topic: string; partitions: number[] }>() },
    ]),
  );
  const wanted = new Map(ids.map((id) => [id, new Set(members.get(id)!.topics)]));
  let turn = 0;
  for (const topic of [...metadata.topics.keys()].sort()) {
    const takers = ids.filter((id) => wanted.get(id)!.has(topic));
    if (takers.length === 0) continue;
    for (let partition = 0; partition < metadata.topics.get(topic)!.partitionsCount; partition += 1) {
      const { assignments } = assigned.get(takers[turn % takers.length]!)!;
      const mine = assignments.get(topic);
      if (mine === undefined) assignments.set(topic, { topic, partitions: [partition] });
      else mine.partitions.push(partition);
      turn += 1;
    }
  }
  return [...assigned.values()];
};
