import type { LogPosition, LogRecord, RecordLog } from '../../ports/record-log.ts';

const BATCH = 500;

/** Where each partition goes on after these records. */
export function endPositions(records: readonly LogRecord[]): LogPosition[] {
  const ends = new Map(
    records.map(({ topic, partition, offset }) => [`${topic}/${partition}`, { topic, partition, offset: offset + 1 }]),
  );
  return [...ends.values()];
}

/** Reads a topic from a moment on, outside any group, all partitions together in order of time as far as they are read. */
export class LogTail {
  readonly #log: RecordLog;
  readonly #topic: string;
  readonly #from: number;
  readonly #next = new Map<number, number>();

  /** `from`: epoch milliseconds. */
  constructor(log: RecordLog, topic: string, from: number) {
    this.#log = log;
    this.#topic = topic;
    this.#from = from;
  }

  /** The next records; empty where nothing more is there yet. */
  async next(): Promise<LogRecord[]> {
    const found: LogRecord[] = [];
    for (const { partition, earliest, end } of await this.#log.ranges([this.#topic])) {
      const at = this.#next.get(partition) ?? (await this.#firstSince(partition, earliest, end));
      const request = { topic: this.#topic, partition, from: at, max: BATCH };
      const [records = []] = at < end ? await this.#log.read([request]) : [];
      const last = records.at(-1);
      // Offsets skip where the engine keeps records of its own: an empty read up to the known end is the end.
      this.#next.set(partition, last === undefined ? Math.max(at, end) : last.offset + 1);
      found.push(...records);
    }
    return found.sort((a, b) => a.timestamp - b.timestamp);
  }

  /** Offset of the first record at or after the moment: halves the range, so that a long topic is not read through. */
  async #firstSince(partition: number, earliest: number, end: number): Promise<number> {
    let low = earliest;
    let high = end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [[record] = []] = await this.#log.read([{ topic: this.#topic, partition, from: middle, max: 1 }]);
      if (record === undefined || record.timestamp >= this.#from) high = middle;
      else low = record.offset + 1;
    }
    return low;
  }
}
