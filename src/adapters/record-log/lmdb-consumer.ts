import { setImmediate as nextTurn } from 'node:timers/promises'; // ambient-ok: gives way to timers and sockets, no time passes
import type { Clock } from '../../ports/clock.ts';
import type { BatchHandler, ConsumeOptions, LogRecord } from '../../ports/record-log.ts';
import type { Environment } from './lmdb-environment.ts';
import { HEARTBEAT_MS, type Held, Member } from './lmdb-member.ts';
import type { Topics } from './lmdb-topics.ts';

const MAX_BATCH = 5000;
/** A batch ends beyond so many bytes of values. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_BACK_OFF_MS = 5000;

/** Consumes until `signal` aborts, as `RecordLog.consume` says. */
export async function consume(
  { env, topics, clock }: { env: Environment; topics: Topics; clock: Clock },
  { group, topics: selector, onAssignment, onLoss, maxBatch = MAX_BATCH }: ConsumeOptions,
  handle: BatchHandler,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const member = new Member(env, topics, clock, group, selector);
  const over = new AbortController();
  // A missed heartbeat is made good by the next one, or by the next commit.
  clock.every(HEARTBEAT_MS, () => member.renew().catch(() => undefined), over.signal);
  let told: readonly Held[] = member.held;
  let failures = 0;
  let turn = 0;
  try {
    while (!signal.aborted) {
      try {
        if (member.due) await member.tend();
        if (signal.aborted) break;
        if (member.held !== told) {
          told = member.held;
          onAssignment?.(told.map(({ topic, partition }) => ({ topic: topic.name, partition })));
        }
        turn += 1;
        const batch = nextBatch(env, member.held, turn, maxBatch, onLoss);
        if (batch.length === 0) {
          await env.news(clock, signal);
          continue;
        }
        const positions = await handle(batch);
        if (positions.length > 0) await member.commit(positions);
        else await nextTurn();
        failures = 0;
      } catch {
        // The port says so: whatever failed, the records come again. Who handles them tells of it.
        member.rewind();
        failures += 1;
        await clock.sleep(Math.min(50 * 2 ** failures, MAX_BACK_OFF_MS), signal);
      }
    }
  } finally {
    over.abort();
    // Where that fails, the others take its partitions when its session is over.
    await member.leave().catch(() => undefined);
  }
}

/** The next records of the partitions held, in order of each, and moves on past them. `turn` says which partition comes first, so that none is starved. */
function nextBatch(
  env: Environment,
  held: readonly Held[],
  turn: number,
  max: number,
  onLoss: ConsumeOptions['onLoss'],
): LogRecord[] {
  const batch: LogRecord[] = [];
  let bytes = 0;
  for (let i = 0; i < held.length && batch.length < max && bytes < MAX_BYTES; i += 1) {
    const from = held[(turn + i) % held.length]!;
    const end = env.ends.get([from.topic.id, from.partition]) ?? 0;
    if (from.position === end) continue;
    skipLost(env, from, end, onLoss);
    bytes += readInto(batch, env, from, max - batch.length, MAX_BYTES - bytes);
    if (batch.length === 0) from.position = end;
  }
  return batch;
}

/** Moves a position to where the log can be read on, and tells what is gone before it. */
function skipLost(env: Environment, held: Held, end: number, onLoss: ConsumeOptions['onLoss']): void {
  const { topic, partition, position: from } = held;
  const start = env.starts.get([topic.id, partition]) ?? 0;
  // Beyond the end: the log was made anew since the commit.
  if (from >= start && from <= end) return;
  held.position = start;
  onLoss?.({ topic: topic.name, partition, from, to: start, reason: from > end ? 'made-anew' : 'truncated' });
}

/** Adds up to `max` records of a partition to `batch` and moves its position on. Gives the bytes of their values. */
export function readInto(batch: LogRecord[], env: Environment, from: Held, max: number, maxBytes = MAX_BYTES): number {
  let bytes = 0;
  const { topic, partition } = from;
  for (const { key: offset, value: record } of env.scan(topic.id, partition, from.position, max)) {
    record.topic = topic.name;
    record.partition = partition;
    record.offset = offset;
    batch.push(record);
    from.position = offset + 1;
    bytes += record.value === null ? 0 : record.value.length;
    if (bytes >= maxBytes) break;
  }
  return bytes;
}
