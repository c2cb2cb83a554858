import { table } from '../../domain/text-table.ts';
import type { LogPosition, PartitionRange, RecordLog } from '../../ports/record-log.ts';
import { consumerGroups } from '../consumer-groups.ts';
import type { Runtime } from '../runtime.ts';
import type { Command } from './command.ts';

interface TopicRow {
  readonly topic: string;
  readonly partitions: number;
  /** As offsets count them; a compacted topic holds fewer. */
  readonly records: number;
  /** Times of the oldest and the newest record, ISO 8601. */
  readonly earliest: string | null;
  readonly latest: string | null;
}

interface LagRow {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly committed: number;
  readonly end: number;
  readonly lag: number;
}

export const topicsCommand: Command = {
  name: 'topics',
  summary: 'list the topics of the log, and how far behind consumer groups are',
  details: `Examples:
  pulse topics
  pulse topics --groups pulse-bars,vectorization-service --json`,
  async run({ config, engines, terminal }) {
    const log = await engines.log();
    const ranges = new Map<string, PartitionRange[]>();
    for (const topic of await log.topics()) ranges.set(topic, await log.ranges(topic));
    const topics = await Promise.all([...ranges].map(([topic, parts]) => topicRow(log, topic, parts)));
    const lags: LagRow[] = [];
    for (const group of config.values.groups ?? Object.values(consumerGroups))
      lags.push(...lagRows(group, await log.committed(group), ranges));
    if (config.values.json) terminal.out(`${JSON.stringify({ topics, groups: lags })}\n`);
    else print(terminal, topics, lags);
    return 0;
  },
};

async function topicRow(log: RecordLog, topic: string, parts: readonly PartitionRange[]): Promise<TopicRow> {
  const times: number[] = [];
  for (const { partition, earliest, end } of parts) {
    if (end <= earliest) continue;
    const [first] = await log.read(topic, partition, earliest, 1);
    const [last] = await log.read(topic, partition, end - 1, 1);
    for (const record of [first, last]) if (record !== undefined) times.push(record.timestamp);
  }
  const iso = (ts: number): string => new Date(ts).toISOString();
  return {
    topic,
    partitions: parts.length,
    records: parts.reduce((sum, { earliest, end }) => sum + end - earliest, 0),
    earliest: times.length === 0 ? null : iso(Math.min(...times)),
    latest: times.length === 0 ? null : iso(Math.max(...times)),
  };
}

function lagRows(
  group: string,
  positions: readonly LogPosition[],
  ranges: ReadonlyMap<string, readonly PartitionRange[]>,
): LagRow[] {
  return positions.flatMap(({ topic, partition, offset }) => {
    const range = ranges.get(topic)?.find((each) => each.partition === partition);
    // What is no longer kept can't be read any more: it is not lag.
    return range === undefined
      ? []
      : [
          {
            group,
            topic,
            partition,
            committed: offset,
            end: range.end,
            lag: range.end - Math.max(offset, range.earliest),
          },
        ];
  });
}

function print(terminal: Runtime['terminal'], topics: readonly TopicRow[], lags: readonly LagRow[]): void {
  if (topics.length === 0) return terminal.out('There are no topics yet.\n');
  terminal.out(
    table(
      ['TOPIC', 'PARTITIONS', 'RECORDS', 'EARLIEST', 'LATEST'],
      topics.map((row) => [row.topic, row.partitions, row.records, row.earliest ?? '-', row.latest ?? '-']),
    ),
  );
  if (lags.length > 0)
    terminal.out(
      `\n${table(
        ['GROUP', 'TOPIC', 'PARTITION', 'COMMITTED', 'END', 'LAG'],
        lags.map((row) => [row.group, row.topic, row.partition, row.committed, row.end, row.lag]),
      )}`,
    );
}
