import { type Admin, ConfigResourceTypes } from '@platformatic/kafka';
import type { LogPosition } from '../../ports/record-log.ts';

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
