import { type Admin, ConfigResourceTypes } from '@platformatic/kafka';
import type { LogPosition, RefusedTopic, TopicSpec } from '../../ports/record-log.ts';
import { isApiError } from './kafka-client.ts';

const DAY_MS = 86_400_000;

/** Makes topics; those that exist are left as they are. */
export async function createMissing(admin: Admin, specs: readonly TopicSpec[]): Promise<RefusedTopic[]> {
  const existing = new Set(await admin.listTopics());
  // Settings are a request's, not a topic's: one request for each kind of topic.
  const requests = new Map<string, { topics: string[]; spec: TopicSpec }>();
  for (const { topic, ...spec } of specs) {
    if (existing.has(topic)) continue;
    const kind = JSON.stringify([spec.partitions, spec.compacted, spec.retentionMs]);
    const request = requests.get(kind);
    if (request === undefined) requests.set(kind, { topics: [topic], spec: { topic, ...spec } });
    else if (!request.topics.includes(topic)) request.topics.push(topic);
  }
  for (const { topics, spec } of requests.values()) {
    try {
      await admin.createTopics({
        topics,
        configs: configsOf(spec),
        ...(spec.partitions === undefined ? {} : { partitions: spec.partitions }),
      });
    } catch (error) {
      // Somebody else was first; the others of the request are made all the same.
      if (!leaves(error).every((leaf) => isApiError(leaf, 'TOPIC_ALREADY_EXISTS'))) throw error;
    }
  }
  return [];
}

const leaves = (error: unknown): unknown[] =>
  error instanceof AggregateError ? error.errors.flatMap(leaves) : [error];

function configsOf({ compacted = false, retentionMs }: TopicSpec): { name: string; value: string }[] {
  const configs: { name: string; value: string }[] = [];
  if (compacted) {
    configs.push({ name: 'cleanup.policy', value: retentionMs === undefined ? 'compact' : 'compact,delete' });
    // A reader that is a day behind still sees every revision of a bar.
    configs.push({ name: 'min.compaction.lag.ms', value: String(DAY_MS) });
  }
  if (retentionMs !== undefined) configs.push({ name: 'retention.ms', value: String(retentionMs) });
  return configs;
}

/** All topics, sorted, without those that Kafka keeps for itself. */
export async function listTopics(admin: Admin): Promise<string[]> {
  return (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
}

/** Where a group stands, sorted. */
export async function groupPositions(admin: Admin, group: string): Promise<LogPosition[]> {
  const [listed] = await admin.listConsumerGroupOffsets({ groups: [group] });
  return (listed?.topics ?? [])
    .flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset }) => ({
        topic: name,
        partition: partitionIndex,
        offset: Number(committedOffset),
      })),
    )
    .filter(({ offset }) => offset >= 0)
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
}

/** The largest batch that a topic takes, in bytes; Kafka's default where the broker does not say. */
export async function maxMessageBytes(admin: Admin, topic: string): Promise<number> {
  const standard = 1_048_588;
  try {
    const resource = {
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName: topic,
      configurationKeys: ['max.message.bytes'],
    };
    const [described] = await admin.describeConfigs({ resources: [resource] });
    return Number(described?.configs[0]?.value ?? standard);
  } catch {
    return standard; // It only completes an error's text.
  }
}
