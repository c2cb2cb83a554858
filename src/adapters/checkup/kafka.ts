import { ConfigResourceTypes } from '@platformatic/kafka';
import type { Finding } from '../../domain/event/checkup-finding.ts';
import { adminClient, calls, type KafkaOptions, reasonOf } from '../record-log/kafka-client.ts';

/** What a topic of Pulse should be like. */
export interface TopicWish {
  readonly topic: string;
  readonly compacted: boolean;
  /** Shortest retention that will do, in milliseconds; null: any. */
  readonly retentionMs: number | null;
}

export interface KafkaCheckup {
  readonly options: KafkaOptions;
  /** Given the topics that there are: those to look at. */
  readonly wishes: (topics: readonly string[]) => readonly TopicWish[];
}

type Admin = ReturnType<typeof adminClient>;
type Settings = ReadonlyMap<string, string>;

const TIMEOUT_MS = 8_000;

/** Looks at a Kafka cluster as Pulse uses it. */
export async function kafkaCheckup({ options, wishes }: KafkaCheckup): Promise<Finding[]> {
  const at = options.brokers.join(',');
  const admin = adminClient(options);
  const call = calls(options, TIMEOUT_MS);
  try {
    const metadata = await call(() => admin.metadata({ topics: [], forceUpdate: true }));
    const brokers = metadata.brokers.size;
    const findings: Finding[] = [
      { check: 'kafka.reachable', status: 'ok', found: `${brokers} broker${brokers === 1 ? '' : 's'} at ${at}` },
    ];
    const names = await call(() => admin.listTopics({ includeInternals: false }));
    findings.push({ check: 'kafka.topics', status: 'ok', found: `${names.length} topics` });
    const wanted = wishes(names).filter(({ topic }) => names.includes(topic));
    const settings = await call(() => settingsOf(admin, wanted));
    for (const wish of wanted) findings.push(...topicFindings(wish, settings.get(wish.topic) ?? new Map()));
    return findings;
  } catch (error) {
    return [
      {
        check: 'kafka.reachable',
        status: 'fail',
        found: `${at} does not answer: ${reasonOf(error)}`,
        meaning: 'the mirror spools to disk, and the candidate builds no bars',
        remedy:
          'start Kafka, or correct KAFKA_BOOTSTRAP_SERVERS; brokers must be reachable under the names they advertise (advertised.listeners)',
      },
    ];
  } finally {
    await admin.close().catch(() => undefined);
  }
}

async function settingsOf(admin: Admin, wanted: readonly TopicWish[]): Promise<ReadonlyMap<string, Settings>> {
  if (wanted.length === 0) return new Map();
  const described = await admin.describeConfigs({
    resources: wanted.map(({ topic }) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic })),
  });
  return new Map(
    described.map(({ resourceName, configs }) => [
      resourceName,
      new Map(configs.map(({ name, value }) => [name, value ?? ''])),
    ]),
  );
}

const DAY = 86_400_000;

function topicFindings({ topic, compacted, retentionMs }: TopicWish, settings: Settings): Finding[] {
  const policy = settings.get('cleanup.policy') ?? '';
  const kept = Number(settings.get('retention.ms') ?? Number.NaN);
  const check = 'kafka.topic';
  if (compacted && !policy.includes('compact')) {
    return [
      {
        check,
        status: 'warn',
        found: `${topic} is not compacted (cleanup.policy=${policy})`,
        meaning: 'it keeps every correction of every bar, and may drop bars by age',
        remedy: `kafka-configs --alter --topic ${topic} --add-config cleanup.policy=compact`,
      },
    ];
  }
  if (!compacted && policy.includes('compact')) {
    return [
      {
        check,
        status: 'fail',
        found: `${topic} is compacted (cleanup.policy=${policy})`,
        meaning: 'ticks of a symbol have one key: compaction deletes all but the newest',
        remedy: `kafka-configs --alter --topic ${topic} --add-config cleanup.policy=delete`,
      },
    ];
  }
  if (!compacted && retentionMs !== null && kept >= 0 && kept < retentionMs) {
    return [
      {
        check,
        status: 'warn',
        found: `${topic} keeps its records for ${(kept / DAY).toFixed(1)} days`,
        meaning: `bars can be built anew, and a mismatch be traced to its ticks, for that long only; ${(retentionMs / DAY).toFixed(1)} days are wanted`,
        remedy: `kafka-configs --alter --topic ${topic} --add-config retention.ms=${retentionMs}`,
      },
    ];
  }
  const long = compacted
    ? 'compacted'
    : kept < 0
      ? 'keeps its records for ever'
      : `keeps its records for ${(kept / DAY).toFixed(1)} days`;
  return [{ check, status: 'ok', found: `${topic}: ${long}` }];
}
