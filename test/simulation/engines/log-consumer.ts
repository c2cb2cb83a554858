import { unlessAborted } from '../../../src/domain/base/unless-aborted.ts';
import type {
  BatchHandler,
  ConsumeOptions,
  LogPosition,
  LogRecord,
  LossNotice,
} from '../../../src/ports/record-log.ts';
import type { Life } from '../life.ts';
import type { KafkaServer } from './kafka-server.ts';
import { type Assignment, takeBatch } from './log-group.ts';

const MAX_BATCH = 5_000;
/** How long a fetch waits for records, milliseconds. */
const FETCH_WAIT_MS = 1_000;
const BEAT_MS = 1_500;
/** How long it waits for the server to let it go, milliseconds. */
const LEAVE_MS = 2_000;
const MAX_BACK_OFF_MS = 5_000;

interface Fetched {
  readonly member: boolean;
  readonly assignment: Assignment | null;
  readonly records: LogRecord[];
  readonly losses: readonly LossNotice[];
  /** What was handed out and not committed is to be handed out again. */
  readonly again: boolean;
}

/** Consumes the simulated Kafka until `signal` aborts, as `RecordLog.consume` says. */
export async function consumeLog(
  server: KafkaServer,
  life: Life,
  { group: name, topics, onAssignment, onLoss, maxBatch = MAX_BATCH }: ConsumeOptions,
  handle: BatchHandler,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = life;
  const over = new AbortController();
  let member: number | null = null;
  let generation = -1;
  let held: LogPosition[] = [];
  let failures = 0;
  let turn = 0;

  const rewind = (committed: readonly LogPosition[]): void => {
    held = held.map((at) => ({
      ...at,
      offset: committed.find((p) => p.topic === at.topic && p.partition === at.partition)?.offset ?? 0,
    }));
  };
  clock.every(
    BEAT_MS,
    async () => {
      const id = member;
      if (id === null) return;
      try {
        if (!(await life.call(server, 'beat', () => server.group(name).beat(id)))) member = null;
      } catch {
        // The next one.
      }
    },
    over.signal,
  );

  while (!signal.aborted) {
    try {
      if (member === null) {
        member = await life.call(server, 'join', () => server.group(name).join(topics));
        generation = -1;
      }
      turn += 1;
      const asked = fetch(server, life, { name, member, generation, held, turn, maxBatch });
      const fetched = await unlessAborted<Fetched | null>(asked, signal, null);
      if (fetched === null || signal.aborted) break;
      if (!fetched.member) {
        member = null;
        continue;
      }
      if (fetched.assignment !== null) {
        const before = held;
        generation = fetched.assignment.generation;
        held = [...fetched.assignment.held];
        if (!sameHeld(before, held)) onAssignment?.(held.map(({ topic, partition }) => ({ topic, partition })));
        continue;
      }
      if (fetched.again) rewind(await life.call(server, 'committed', () => server.group(name).committed()));
      else if (fetched.losses.length > 0) {
        for (const loss of fetched.losses) {
          onLoss?.(loss);
          const at = held.findIndex((p) => p.topic === loss.topic && p.partition === loss.partition);
          held[at] = { topic: loss.topic, partition: loss.partition, offset: loss.to };
        }
      } else if (fetched.records.length > 0) {
        const positions = await handle(fetched.records);
        moveOn(held, fetched.records);
        const [id, at] = [member, generation];
        if (positions.length > 0) await life.call(server, 'commit', () => server.group(name).commit(id, at, positions));
      }
      failures = 0;
    } catch {
      failures += 1;
      await clock.sleep(Math.min(50 * 2 ** failures, MAX_BACK_OFF_MS), signal);
      if (signal.aborted) break;
      try {
        rewind(await life.call(server, 'committed', () => server.group(name).committed()));
      } catch {
        // It is asked again before anything is handed out: what was handed out and not committed comes again.
        member = null;
      }
    }
  }
  over.abort();
  const id = member;
  // Where that fails, the session runs out.
  if (id === null) return;
  const left = life.call(server, 'leave', () => server.group(name).leave(id)).catch(() => undefined);
  await Promise.race([left, clock.sleep(LEAVE_MS)]);
}

interface Fetch {
  readonly name: string;
  readonly member: number;
  readonly generation: number;
  readonly held: readonly LogPosition[];
  readonly turn: number;
  readonly maxBatch: number;
}

/** Asks for records, and waits a while for the first of them at the server. */
async function fetch(server: KafkaServer, life: Life, asked: Fetch): Promise<Fetched> {
  const { name, member, generation, held, turn, maxBatch } = asked;
  const answer = (): Fetched => {
    const group = server.group(name);
    if (!group.beat(member)) return { member: false, assignment: null, records: [], losses: [], again: false };
    const assignment = group.assignment(member, generation);
    const again = assignment === null && group.deliversAgain(member);
    if (assignment !== null || again) return { member: true, assignment, records: [], losses: [], again };
    const records = takeBatch(
      (topic, partition, from, max) => server.read(topic, partition, from, max),
      held,
      turn,
      maxBatch,
    );
    const losses = held.flatMap((at) => server.lossAt(at) ?? []);
    return { member: true, assignment, records: losses.length > 0 ? [] : records, losses, again };
  };
  const empty = (f: Fetched): boolean =>
    f.member && f.assignment === null && f.records.length === 0 && f.losses.length === 0 && !f.again;
  let found = await life.call(server, 'fetch', answer);
  if (!empty(found)) return found;
  // The server keeps the question until something comes: asked once more then.
  await new Promise<void>((resolve) => {
    const wake = (): void => life.arrive(`${life.name} woken`, resolve);
    const timer = life.nature.scheduler.after(FETCH_WAIT_MS, `${life.name} fetch waited`, wake);
    server.group(name).wait(member, () => {
      timer.cancelled = true;
      life.nature.scheduler.after(life.latency(), `${life.name} fetch woken`, wake);
    });
  });
  found = await life.call(server, 'fetch', answer);
  return found;
}

function moveOn(held: LogPosition[], records: readonly LogRecord[]): void {
  for (const { topic, partition, offset } of records) {
    const at = held.findIndex((p) => p.topic === topic && p.partition === partition);
    if (at !== -1) held[at] = { topic, partition, offset: offset + 1 };
  }
}

const sameHeld = (a: readonly LogPosition[], b: readonly LogPosition[]): boolean =>
  a.length === b.length && a.every((p, i) => p.topic === b[i]!.topic && p.partition === b[i]!.partition);
