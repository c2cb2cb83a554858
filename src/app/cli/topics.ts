import type { LogPosition, PartitionRange, RecordLog } from '../../ports/record-log.ts';
import { table } from '../../text/table.ts';
import { consumerGroups } from '../engines/consumer-groups.ts';
import type { Runtime } from '../host/runtime.ts';
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

export const topicsCommand: Command<'topics'> = {
  name: 'topics',
  summary: 'list the topics of the log, and how far behind consumer groups are',
  details: `Examples:
  pulse topics
  pulse topics --groups pulse-bars,vectorization-service --json`,
  async run({ config, engines, terminal }) {
    const log = await engines.log();
    const ranges = Map.groupBy(await log.ranges(await log.topics()), ({ topic }) => topic);
    const times = await timesOf(log, [...ranges.values()].flat());
    const topics = [...ranges].map(([topic, parts]) => topicRow(topic, parts, times.get(topic) ?? []));
    const lags: LagRow[] = [];
    for (const group of config.values.groups ?? Object.values(consumerGroups))
      lags.push(...lagRows(group, await log.committed(group), ranges));
    if (config.values.json) terminal.out(`${JSON.stringify({ topics, groups: lags })}\n`);
    else print(terminal, topics, lags);
    return 0;
  },
};

/** Times of the first and the last record of each partition, by topic; epoch milliseconds. */
async function timesOf(log: RecordLog, ranges: readonly PartitionRange[]): Promise<Map<string, number[]>> {
  const requests = ranges
    .filter(({ earliest, end }) => end > earliest)
    .flatMap(({ topic, partition, earliest, end }) =>
      [earliest, end - 1].map((from) => ({ topic, partition, from, max: 1 })),
    );
  const times = new Map<string, number[]>();
  for (const { topic, timestamp } of (await log.read(requests)).flat())
    times.set(topic, [...(times.get(topic) ?? []), timestamp]);
  return times;
}

function topicRow(topic: string, parts: readonly PartitionRange[], times: readonly number[]): TopicRow {
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
