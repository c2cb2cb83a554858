import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { parseBar } from '../../src/domain/bar/bar-codec.ts';
import { defaultBarOptions } from '../../src/domain/bar/bar-options.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { BatchHandler, ConsumeOptions, LogPosition, LossNotice, RecordLog } from '../../src/ports/record-log.ts';
import type { Readiness } from '../../src/ports/service.ts';
import { CandidateBars } from '../../src/services/bars/candidate.ts';
import { recordsOf } from '../../src/services/reconcile/log-pages.ts';
import { type RecordingJournal, recordingJournal } from './recording-journal.ts';

/** The beats of the candidate's timers, in milliseconds. */
export const IDLE = 1_000;
export const LOOK = 5_000;
export const RETRY_REFUSED = 60_000;

export interface MemberOptions {
  /** Its clock at the start, epoch milliseconds. */
  readonly now: number;
  /** Where the group stands, for each topic of ticks (partition 0) that this member holds. */
  readonly committed: Readonly<Record<string, number>>;
}

/** A member of the candidate's group whose deliveries and timers a test drives, and whose appends it can hold back. */
export class CandidateMember {
  readonly journal: RecordingJournal = recordingJournal();
  readonly metrics = prometheusMetrics({ process: false });
  now: number;
  /** What its appends wait for. */
  gate: Promise<void> = Promise.resolve();
  /** What it hears when it asks whether the log answers. */
  ping: () => Promise<void> = async () => undefined;
  /** How often it called each method of the log. */
  readonly calls = { read: 0, ranges: 0, committed: 0, createTopics: 0, append: 0 };
  readonly #log: RecordLog;
  readonly #beats: { ms: number; beat: () => void | Promise<void> }[] = [];
  #held: readonly { topic: string; partition: number }[];
  readonly #end = new AbortController();
  #handle: BatchHandler = async () => [];
  /** Resolves once the service has ended. */
  readonly ended: Promise<void>;
  readonly readiness: () => Readiness;
  #consume: ConsumeOptions | null = null;

  constructor(log: RecordLog, { now, committed }: MemberOptions) {
    this.#log = log;
    this.now = now;
    const clock: Clock = {
      now: () => this.now,
      monotonic: () => this.now,
      sleep: async () => undefined,
      every: (ms, beat) => void this.#beats.push({ ms, beat }),
    };
    this.#held = Object.keys(committed).map((topic) => ({ topic, partition: 0 }));
    const { calls } = this;
    const driven: RecordLog = {
      ...log,
      ping: () => this.ping(),
      read: (requests) => {
        calls.read += 1;
        return log.read(requests);
      },
      ranges: (topics) => {
        calls.ranges += 1;
        return log.ranges(topics);
      },
      createTopics: (specs) => {
        calls.createTopics += 1;
        return log.createTopics(specs);
      },
      append: async (records) => {
        calls.append += 1;
        await this.gate;
        await log.append(records);
      },
      committed: async () => {
        calls.committed += 1;
        return Object.entries(committed).map(([topic, offset]) => ({ topic, partition: 0, offset }));
      },
      consume: async (consume, handle) => {
        this.#handle = handle;
        this.#consume = consume;
        consume.onAssignment?.(this.#held);
        const end = this.#end.signal;
        await new Promise<void>((resolve) => end.addEventListener('abort', () => resolve(), { once: true }));
      },
    };
    const bars = new CandidateBars(
      { log: driven, clock, metrics: this.metrics, journal: this.journal },
      { bars: { ...defaultBarOptions, composites: ['5m'] }, nonPositive: () => false, group: 'bars', lagLimit: 1_000 },
    );
    this.readiness = () => bars.readiness();
    this.ended = bars.run(this.#end.signal);
  }

  /** Tells it to end. */
  stop(): void {
    this.#end.abort();
  }

  /** Delivers what stands from `from` on, up to `max` records of each topic, in one batch; gives what is to be committed. */
  async take(from: number, max = 100): Promise<readonly LogPosition[]> {
    const read = await this.#log.read(this.#held.map((place) => ({ ...place, from, max })));
    return this.#handle(read.flat());
  }

  /** The group hands it these topics (partition 0), and no others. */
  assign(topics: readonly string[]): void {
    this.#held = topics.map((topic) => ({ topic, partition: 0 }));
    this.#consume!.onAssignment!(this.#held);
  }

  lose(loss: LossNotice): void {
    this.#consume!.onLoss!(loss);
  }

  async beat(every: number): Promise<void> {
    for (const { ms, beat } of this.#beats) if (ms === every) await beat();
  }
}

/** What a reader has who keeps the last record of each key: `10:00 n=4 v=4 c=1.4`. */
export async function lastBars(log: RecordLog, topic: string): Promise<string[]> {
  const last = new Map<string, string>();
  for await (const { key, value } of recordsOf(log, topic)) {
    const { start, n, volume, close } = parseBar(value!);
    const time = new Date(start).toISOString().slice(11, 16);
    last.set(key!, `${time} n=${n} v=${volume} c=${close}`);
  }
  return [...last.values()].sort();
}

/** Those of its bars that are marked partial. */
export async function partialBars(log: RecordLog, topic: string): Promise<string[]> {
  const last = new Map<string, boolean>();
  for await (const { value } of recordsOf(log, topic)) {
    const { start, partial } = parseBar(value!);
    last.set(new Date(start).toISOString().slice(11, 16), partial);
  }
  return [...last].filter(([, partial]) => partial).map(([time]) => time);
}
