import type { LogRecord, PartitionRange, RecordLog } from '../../ports/record-log.ts';

/** The offsets [from, to) of a partition. */
export interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** Most records in one question to the log: bounds the memory, while requests grow with records and not with partitions. */
const AT_ONCE = 20_000;
/** Most partitions in one question: a log answers an empty stretch too. */
const PARTITIONS_AT_ONCE = 2_000;

/** Reads stretches of many partitions: page by page, each stretch whole before the next one begins. */
export async function* readPages<S extends Stretch>(
  log: RecordLog,
  all: readonly S[],
): AsyncGenerator<readonly [S, readonly LogRecord[]]> {
  const stretches = all.filter(({ from, to }) => from < to);
  let next = stretches[0]?.from ?? 0;
  for (let i = 0; i < stretches.length; ) {
    const asked = question(stretches, i, next);
    const pages = await log.read(
      asked.map(({ stretch: { topic, partition }, from, max }) => ({ topic, partition, from, max })),
    );
    for (const [n, { stretch }] of asked.entries()) {
      const page = pages[n]!.filter(({ offset }) => offset < stretch.to);
      if (page.length > 0) yield [stretch, page];
      next = page.length > 0 ? page[page.length - 1]!.offset + 1 : stretch.to;
      if (next < stretch.to) break;
      i += 1;
      next = stretches[i]?.from ?? 0;
    }
  }
}

/** What is left of the stretch at `i`, and as many of those after it as one question takes. */
function question<S extends Stretch>(
  stretches: readonly S[],
  i: number,
  next: number,
): { stretch: S; from: number; max: number }[] {
  const asked: { stretch: S; from: number; max: number }[] = [];
  let room = AT_ONCE;
  for (let at = i; at < stretches.length && room > 0 && asked.length < PARTITIONS_AT_ONCE; at += 1) {
    const stretch = stretches[at]!;
    const from = at === i ? next : stretch.from;
    const max = Math.min(room, stretch.to - from);
    asked.push({ stretch, from, max });
    room -= max;
  }
  return asked;
}

/** Reads stretches of many partitions, each in one piece: for short ones. Those without records are left out. */
export async function* readWhole<S extends Stretch>(
  log: RecordLog,
  stretches: readonly S[],
): AsyncGenerator<readonly [S, readonly LogRecord[]]> {
  let whole: [S, LogRecord[]] | null = null;
  for await (const [stretch, page] of readPages(log, stretches)) {
    if (whole?.[0] === stretch) whole[1].push(...page);
    else {
      if (whole !== null) yield whole;
      whole = [stretch, [...page]];
    }
  }
  if (whole !== null) yield whole;
}

/** The records of stretches, in their order. Holds all of them. */
export async function readAll(log: RecordLog, stretches: readonly Stretch[]): Promise<(readonly LogRecord[])[]> {
  const found = new Map<Stretch, readonly LogRecord[]>();
  for await (const [stretch, records] of readWhole(log, stretches)) found.set(stretch, records);
  return stretches.map((stretch) => found.get(stretch) ?? []);
}

/** Where topics begin and end, asked for all at once. */
export class Ranges {
  readonly #byTopic: ReadonlyMap<string, readonly PartitionRange[]>;

  private constructor(byTopic: ReadonlyMap<string, readonly PartitionRange[]>) {
    this.#byTopic = byTopic;
  }

  static async of(log: RecordLog, topics: Iterable<string>): Promise<Ranges> {
    const asked = [...new Set(topics)];
    const byTopic = new Map<string, PartitionRange[]>();
    for (const range of asked.length === 0 ? [] : await log.ranges(asked)) {
      const ranges = byTopic.get(range.topic);
      if (ranges === undefined) byTopic.set(range.topic, [range]);
      else ranges.push(range);
    }
    return new Ranges(byTopic);
  }

  /** Empty where the topic does not exist. */
  of(topic: string): readonly PartitionRange[] {
    return this.#byTopic.get(topic) ?? [];
  }

  at(topic: string, partition: number): PartitionRange | undefined {
    return this.of(topic).find((range) => range.partition === partition);
  }
}
