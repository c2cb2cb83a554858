import { newestKey } from './lmdb-appender.ts';
import type { Environment } from './lmdb-environment.ts';
import type { Topic, Topics } from './lmdb-topics.ts';

/** Records that one transaction drops: it holds the lock, and others wait. */
const STEP = 2000;

/**
 * Drops the records of each topic that are older than it keeps them, oldest first up to the first that is young enough.
 * `defaultMs` holds for topics that say nothing and are not compacted. `now` in epoch milliseconds.
 */
export async function trim(
  env: Environment,
  topics: Topics,
  defaultMs: number,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  for (const topic of topics.all().values()) {
    const keepMs = topic.retentionMs ?? (topic.compacted ? Number.POSITIVE_INFINITY : defaultMs);
    if (keepMs === Number.POSITIVE_INFINITY) continue;
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      // Looking needs no lock: most of the time there is nothing to drop.
      while (!signal.aborted && isOld(env, topic, partition, now - keepMs)) {
        await env.transaction(() => dropOldest(env, topic, partition, now - keepMs));
      }
    }
  }
}

function isOld(env: Environment, topic: Topic, partition: number, before: number): boolean {
  for (const { value } of env.scan(topic.id, partition, 0, 1)) return value.timestamp < before;
  return false;
}

function dropOldest(env: Environment, topic: Topic, partition: number, before: number): void {
  const old: { offset: number; key: string | null }[] = [];
  for (const { key: offset, value } of env.scan(topic.id, partition, 0, STEP)) {
    if (value.timestamp >= before) break;
    old.push({ offset, key: value.key });
  }
  const last = old.at(-1);
  if (last !== undefined) env.starts.putSync([topic.id, partition], last.offset + 1);
  for (const { offset, key } of old) {
    const place = { topic: topic.id, partition, offset };
    env.remove(place);
    if (topic.compacted && key !== null) env.newest.removeSync(newestKey(place, key));
  }
}
