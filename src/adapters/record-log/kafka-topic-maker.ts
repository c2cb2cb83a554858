import type { Admin } from '@platformatic/kafka';
import type { RefusedTopic, TopicSpec } from '../../ports/record-log.ts';
import type { Call, KafkaOptions } from './kafka-client.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { errorNameOf, faultOf, responseIn } from './kafka-protocol.ts';
import { collision, collisionName } from './topic-names.ts';

const DAY_MS = 86_400_000;
/**
 * Records of metadata that one request may make, about: a topic, each of its partitions and each of its settings are one. Kafka 4 takes 10,000
 * in one request; while it works at one, others that go the same way wait.
 */
const PIECE = 500;
/** So few are below any broker's limit: it is these topics that a policy forbids. */
const LEAF = 50;
/** A topic that was made is known to the other brokers a moment later. */
const KNOWN_MS = 2_000;

/** What a broker says of a topic that it won't make, whoever asks and however often. */
const REFUSED = new Set([
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_REPLICA_ASSIGNMENT',
  'INVALID_CONFIG',
  'INVALID_REQUEST',
]);

type Settings = Omit<TopicSpec, 'topic'>;

interface Answer {
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

/** Makes topics, in pieces that a broker takes, and tells those that it refuses. */
export class TopicMaker {
  readonly #options: KafkaOptions;
  readonly #admin: Admin;
  readonly #cluster: KafkaCluster;
  readonly #call: Call;

  /** `call` runs each request: the time for it must not depend on the number of topics. */
  constructor(options: KafkaOptions, admin: Admin, cluster: KafkaCluster, call: Call) {
    this.#options = options;
    this.#admin = admin;
    this.#cluster = cluster;
    this.#call = call;
  }

  /** Makes the topics that are missing; those that exist are left as they are. Resolves with those that the broker refuses. */
  async make(specs: readonly TopicSpec[]): Promise<RefusedTopic[]> {
    const refused: RefusedTopic[] = [];
    let left = await this.#missing(specs);
    while (left.length > 0) {
      // Of two that collide the broker makes both, when they stand in one request: the second must meet the first.
      const now = firstOfEach(left, ({ topic }) => collisionName(topic));
      for (const { topics, settings } of pieces(now)) await this.#piece(topics, settings, refused);
      const asked = new Set(now);
      left = left.filter((spec) => !asked.has(spec));
    }
    return refused.some(({ collidesWith }) => collidesWith === null) ? await this.#explained(refused) : refused;
  }

  async #missing(specs: readonly TopicSpec[]): Promise<TopicSpec[]> {
    const asked = firstOfEach(specs, ({ topic }) => topic);
    const existing = await this.#call(() => this.#cluster.existing(asked.map(({ topic }) => topic)));
    return asked.filter(({ topic }) => !existing.has(topic));
  }

  async #piece(topics: readonly string[], settings: Settings, refused: RefusedTopic[]): Promise<void> {
    const forbidden: string[] = [];
    await this.#call(async () => {
      forbidden.length = 0;
      let trouble: Error | null = null;
      for (const { name, errorCode, errorMessage } of await this.#ask(topics, settings)) {
        const fault = errorNameOf(errorCode);
        if (fault === 'POLICY_VIOLATION') forbidden.push(name);
        else if (REFUSED.has(fault)) refuse(refused, name, `${fault}: ${errorMessage ?? 'the broker says no more'}`);
        // Somebody else was first: then it is there.
        else if (errorCode !== 0 && fault !== 'TOPIC_ALREADY_EXISTS') trouble ??= faultOf(errorCode, name);
      }
      if (trouble !== null) throw trouble;
    });
    await this.#halve(forbidden, topics.length, settings, refused);
    await this.#known(topics.filter((topic) => !refused.some((one) => one.topic === topic)));
  }

  /** A policy forbids these of `asked` topics; or the request was too large for the broker, which says the same. */
  async #halve(
    forbidden: readonly string[],
    asked: number,
    settings: Settings,
    refused: RefusedTopic[],
  ): Promise<void> {
    const few = settings.partitions !== undefined && forbidden.length * recordsOf(settings) <= LEAF;
    if (forbidden.length > 1 && forbidden.length === asked && !few) {
      const middle = forbidden.length >> 1;
      await this.#piece(forbidden.slice(0, middle), settings, refused);
      await this.#piece(forbidden.slice(middle), settings, refused);
    } else for (const topic of forbidden) refuse(refused, topic, 'POLICY_VIOLATION: a policy of the broker forbids it');
  }

  async #ask(topics: readonly string[], settings: Settings): Promise<readonly Answer[]> {
    try {
      await this.#admin.createTopics({
        topics: [...topics],
        configs: configsOf(settings),
        ...(settings.partitions === undefined ? {} : { partitions: settings.partitions }),
      });
      return [];
    } catch (error) {
      const answer = responseIn<{ topics: readonly Answer[] }>(error, 'topics');
      if (answer === null) throw error;
      return answer.topics;
    }
  }

  /** Waits for the brokers to know topics that were just made; those that they forget are found missing by who uses them. */
  async #known(topics: readonly string[]): Promise<void> {
    for (let wait = 5; topics.length > 0 && wait < KNOWN_MS; wait *= 2) {
      const existing = await this.#call(() => this.#cluster.existing(topics));
      if (topics.every((topic) => existing.has(topic))) return;
      await this.#options.clock.sleep(wait);
    }
  }

  /** Names the topics that stand in the way. */
  async #explained(refused: readonly RefusedTopic[]): Promise<RefusedTopic[]> {
    const byName = Map.groupBy(await this.#call(() => this.#admin.listTopics()), collisionName);
    return refused.map((one) => {
      const other = byName.get(collisionName(one.topic))?.find((topic) => topic !== one.topic);
      return other === undefined ? one : collision(one.topic, other);
    });
  }
}

function firstOfEach(specs: readonly TopicSpec[], keyOf: (spec: TopicSpec) => string): TopicSpec[] {
  const firsts = new Map<string, TopicSpec>();
  for (const spec of specs) if (!firsts.has(keyOf(spec))) firsts.set(keyOf(spec), spec);
  return [...firsts.values()];
}

function refuse(refused: RefusedTopic[], topic: string, why: string): void {
  const reason = `the topic ${JSON.stringify(topic)} was refused: ${why}`;
  refused.push({ topic, reason, collidesWith: null });
}

/** Settings are a request's, not a topic's: one request or more for each kind of topic. */
function pieces(specs: readonly TopicSpec[]): { topics: string[]; settings: Settings }[] {
  const kinds = Map.groupBy(specs, ({ partitions, compacted, retentionMs }) =>
    JSON.stringify([partitions, compacted, retentionMs]),
  );
  return [...kinds.values()].flatMap((kind) => {
    const settings = kind[0]!;
    const size = Math.max(1, Math.floor(PIECE / recordsOf(settings)));
    const count = Math.ceil(kind.length / size);
    return Array.from({ length: count }, (_, i) => {
      return { topics: kind.slice(i * size, (i + 1) * size).map(({ topic }) => topic), settings };
    });
  });
}

/** Records of metadata that a topic takes; with the broker's default of partitions, at least. */
const recordsOf = (settings: Settings): number => 1 + (settings.partitions ?? 1) + configsOf(settings).length;

function configsOf({ compacted = false, retentionMs }: Settings): { name: string; value: string }[] {
  const configs: { name: string; value: string }[] = [];
  if (compacted) {
    configs.push({ name: 'cleanup.policy', value: retentionMs === undefined ? 'compact' : 'compact,delete' });
    // A reader that is a day behind still sees every revision of a bar.
    configs.push({ name: 'min.compaction.lag.ms', value: String(DAY_MS) });
  }
  if (retentionMs !== undefined) configs.push({ name: 'retention.ms', value: String(retentionMs) });
  return configs;
}
