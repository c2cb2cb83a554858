import { Admin } from '@platformatic/kafka';
import { clientOptions, type KafkaOptions, quiet } from '../record-log/kafka-client.ts';
import { RedisConnection, type RedisOptions } from '../redis/connection.ts';

/** Deletes every key of a Redis server that begins with `prefix`. Rejects with `redis.unavailable` or `redis.refused`. */
export async function dropKeys(options: RedisOptions, prefix: string): Promise<void> {
  const connection = new RedisConnection(options);
  try {
    await connection.run('SCAN', async (client) => {
      for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1_000 }))
        if (keys.length > 0) await client.unlink(keys);
    });
  } finally {
    await connection.close();
  }
}

/** Deletes every topic and group of a Kafka cluster that begins with `prefix`. Rejects with what the client does. */
export async function dropTopics(options: KafkaOptions, prefix: string): Promise<void> {
  const admin = quiet(new Admin(clientOptions(options)));
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const groups = [...(await admin.listGroups()).keys()].filter((group) => group.startsWith(prefix));
    if (groups.length > 0) await admin.deleteGroups({ groups });
  } finally {
    await admin.close();
  }
}
