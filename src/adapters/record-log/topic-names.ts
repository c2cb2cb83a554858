import type { RefusedTopic } from '../../ports/record-log.ts';

/** Names that Kafka takes for one: it makes metrics of topics, in which `.` becomes `_`. */
export const collisionName = (topic: string): string => topic.replaceAll('.', '_');

/** A topic that can't be, since `other` is there. */
export const collision = (topic: string, other: string): RefusedTopic => ({
  topic,
  reason: `the topic ${topic} collides with ${other}: the names differ only in "." and "_"`,
  collidesWith: other,
});
