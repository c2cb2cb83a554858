import { PulseError } from '../../domain/errors/errors.ts';
import { REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import type { Journal } from '../../ports/journal.ts';
import type { NewRecord, RecordLog, RefusedTopic, TopicSpec } from '../../ports/record-log.ts';
import type { BarMetrics } from './bar-metrics.ts';
import { barRecord, placeOf, rejectedRecord } from './bar-records.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { PartitionBars } from './partition-bars.ts';
import type { Ranges } from './stretches.ts';
import type { BuildOptions } from './symbol-bars.ts';

interface WriterNeeds {
  readonly log: RecordLog;
  readonly journal: Journal;
  readonly metrics: BarMetrics;
}

/** Writes bars and rejects, each write with the checkpoint that it belongs to. */
export class BarWriter {
  readonly #needs: WriterNeeds;
  readonly #options: BuildOptions;
  /** Topics that the log has. */
  readonly #topics = new Set<string>();
  /** Topics that it will not have, by name. */
  readonly #refused = new Map<string, RefusedTopic>();
  /** Positions that a written checkpoint covers. */
  readonly #checkpoints = new WeakMap<PartitionBars, number>();
  /** Whether the last write went through. */
  available = true;
  /** Bars written. */
  written = 0;

  constructor(needs: WriterNeeds, options: BuildOptions) {
    this.#needs = needs;
    this.#options = options;
  }

  /** Writes what pipelines have ready; the newest 1m bar of each goes last, with the checkpoint. What the log refuses is counted and let go. */
  async write(partitions: readonly PartitionBars[]): Promise<void> {
    const ready = partitions.filter(({ pipeline }) => pipeline.bars.length > 0 || pipeline.rejects.length > 0);
    const first: NewRecord[] = [];
    const last: NewRecord[] = [];
    for (const bars of ready) {
      const { pipeline } = bars;
      const newest = pipeline.bars.findLastIndex((b) => b.tf === '1m');
      pipeline.bars.forEach((b, i) => {
        const checkpoint = i === newest ? checkpointOf(bars) : null;
        (checkpoint === null ? first : last).push(barRecord(b, this.#options.bars, bars, checkpoint));
      });
      for (const reject of pipeline.rejects) first.push(rejectedRecord(reject));
    }
    try {
      await this.#createTopics([...first, ...last]);
      await this.#append(first);
      await this.#append(last);
    } catch (error) {
      this.available = false;
      throw error;
    }
    this.available = true;
    for (const bars of ready) this.#wrote(bars);
    this.#needs.metrics.count(partitions.map(({ pipeline }) => pipeline));
    for (const { pipeline } of ready) {
      pipeline.bars = [];
      pipeline.rejects = [];
    }
  }

  /**
   * Whether a restart would come to the same bars from what is written: a partition whose builder holds ticks that no written checkpoint
   * covers must not be committed, they would be lost. One whose bars the log refuses is never covered: once the topic can be made, its
   * bars are built from the ticks that the log still has.
   */
  covers(bars: PartitionBars): boolean {
    return (
      this.#checkpoints.get(bars) === bars.position || bars.pipeline.builder.watermark === Number.NEGATIVE_INFINITY
    );
  }

  /** Asks again for the topics that were refused; gives those that the log has now: their bars are missing until then. */
  async retryRefused(): Promise<ReadonlySet<string>> {
    if (this.#refused.size === 0) return new Set();
    const asked = [...this.#refused.keys()];
    const refused = new Set((await this.#needs.log.createTopics(asked.map(specOf))).map(({ topic }) => topic));
    const accepted = asked.filter((topic) => !refused.has(topic));
    for (const topic of accepted) {
      this.#refused.delete(topic);
      this.#topics.add(topic);
      this.#needs.journal.event('info', 'topic.accepted', `${topic} can be written now`, { topic });
    }
    return new Set(accepted);
  }

  /** What could not be written may be another member's by now: where nothing of these partitions waits, nothing is amiss. */
  looked(partitions: readonly PartitionBars[]): void {
    if (partitions.every(({ pipeline }) => pipeline.bars.length === 0 && pipeline.rejects.length === 0))
      this.available = true;
  }

  /** Topics of bars that are gone are made again, as they must be, before the next write. */
  forget(topics: Iterable<string>, ranges: Ranges): void {
    for (const topic of topics) if (ranges.of(topic).length === 0) this.#topics.delete(topic);
  }

  #wrote(bars: PartitionBars): void {
    const { pipeline, lateWrites, position } = bars;
    if (pipeline.bars.length === 0) return;
    const refused = this.#refused.size === 0 ? [] : pipeline.bars.filter((b) => this.#refused.has(placeOf(b).topic));
    if (refused.length > 0) {
      this.#needs.metrics.refused(refused.length);
      pipeline.bars = pipeline.bars.filter((b) => !refused.includes(b));
    }
    this.written += pipeline.bars.length;
    if (pipeline.bars.some((b) => b.tf === '1m')) this.#checkpoints.set(bars, position);
    lateWrites.wrote(pipeline.bars.map(placeOf), position);
  }

  async #append(records: readonly NewRecord[]): Promise<void> {
    for (;;) {
      const accepted = this.#refused.size === 0 ? records : records.filter(({ topic }) => !this.#refused.has(topic));
      if (accepted.length === 0) return;
      try {
        return await this.#needs.log.append(accepted);
      } catch (error) {
        const refused = refusedIn(error);
        // Of the others some may be written: again, then, they are the same bars.
        if (refused === null || !accepted.some(({ topic }) => topic === refused.topic)) throw error;
        this.#refuse(refused);
      }
    }
  }

  async #createTopics(records: readonly NewRecord[]): Promise<void> {
    const missing = new Set<string>();
    for (const { topic } of records) if (!this.#topics.has(topic) && !this.#refused.has(topic)) missing.add(topic);
    if (missing.size === 0) return;
    const refused = await this.#needs.log.createTopics([...missing].map(specOf));
    for (const topic of missing) this.#topics.add(topic);
    for (const each of refused) this.#refuse(each);
  }

  #refuse(refused: RefusedTopic): void {
    const { topic, reason, collidesWith } = refused;
    this.#topics.delete(topic);
    this.#refused.set(topic, refused);
    this.#needs.journal.event('error', 'topic.refused', `what belongs to ${topic} cannot be written: ${reason}`, {
      topic,
      collidesWith,
    });
  }
}

const specOf = (topic: string): TopicSpec => ({ topic, compacted: topic !== REJECTED_TOPIC });

function checkpointOf({ partition, position, pipeline, last, epochs }: PartitionBars): Checkpoint {
  const state = pipeline.builder.snapshot();
  const known = epochs.state();
  return {
    partition,
    position,
    state,
    ...(last !== null && { after: last }),
    ...(known !== null && { epochs: known }),
  };
}

/** The topic for which an append was refused. */
function refusedIn(error: unknown): RefusedTopic | null {
  if (!(error instanceof PulseError && error.code === 'log.topic.refused')) return null;
  const { topic, reason, collidesWith } = error.evidence;
  return {
    topic: String(topic),
    reason: String(reason),
    collidesWith: typeof collidesWith === 'string' ? collidesWith : null,
  };
}
