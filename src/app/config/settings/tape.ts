import { settingsOf } from '../setting.ts';
import { duration, int, text, ticksPattern, yesNo } from '../value-type.ts';

const setting = settingsOf('Tape');

export const tapeSettings = {
  ticksPattern: setting({
    env: 'TICKS_PATTERN',
    flag: '--ticks-pattern',
    type: ticksPattern,
    default: 'ticks.*',
    about: 'Redis channels to take ticks from',
    services: ['up', 'mirror', 'bars', 'doctor'],
  }),
  streamVersionPrefix: setting({
    env: 'STREAM_VERSION_PREFIX',
    flag: '--stream-version-prefix',
    type: text('<prefix>', /^[A-Za-z0-9._-]+$/, 'one or more of A–Z a–z 0–9 . _ -'),
    default: 'v2',
    about: 'prefix of the Redis Streams of ticks: <prefix>:ticks:l1 and <prefix>:ticks:<SYMBOL>',
    services: ['up', 'feed', 'mirror', 'bars', 'reconcile', 'enrichment', 'doctor', 'dlq', 'mcp2', 'mcp'],
  }),
  backFill: setting({
    env: 'BACK_FILL',
    flag: '--back-fill',
    type: yesNo,
    default: true,
    about: 'fill gaps from the Redis Streams of ticks, where the publisher writes them',
    services: ['up', 'mirror', 'bars'],
  }),
  tapeMemoryMb: setting({
    env: 'TAPE_MEMORY_MB',
    flag: '--tape-memory-mb',
    type: int({ min: 1, max: 65_536 }),
    default: 64,
    about: 'megabytes of ticks that may wait in memory; the rest waits in the spool on disk',
    services: ['up', 'mirror', 'bars'],
  }),
  leaseName: setting({
    env: 'LEASE_NAME',
    flag: '--lease-name',
    type: text('<name>', /^[\x21-\x7e]{1,200}$/, 'up to 200 characters without spaces'),
    otherwise: 'TICKS_PATTERN',
    about:
      'name of the lease: of the mirrors that share it one writes and the others stand by; mirrors to different logs need different names',
    services: ['up', 'mirror'],
  }),
  leaseTtl: setting({
    env: 'LEASE_TTL',
    flag: '--lease-ttl',
    type: duration({ between: [1_000, 60_000] }),
    default: 3_000,
    about: 'a standby takes over when the mirror that writes has been silent for this long',
    services: ['up', 'mirror'],
  }),
  subscriberMemoryMb: setting({
    env: 'SUBSCRIBER_MEMORY_MB',
    flag: '--subscriber-memory-mb',
    type: int({ min: 1, max: 65_536 }),
    default: 128,
    about:
      'megabytes of messages that may wait between the thread that reads a subscription and the one that takes them; the rest waits in Redis, within its limits',
    services: ['up', 'mirror', 'bars'],
  }),
  topicPartitions: setting({
    env: 'TOPIC_PARTITIONS',
    flag: '--topic-partitions',
    type: int({ min: 1, max: 1_000 }),
    default: 1,
    about: 'partitions of each topic of ticks that the mirror makes; existing topics are not changed',
    services: ['up', 'mirror'],
  }),
  topicRetention: setting({
    env: 'TOPIC_RETENTION',
    flag: '--topic-retention',
    type: duration(),
    otherwise: "the engine's default",
    about: 'how long each topic of ticks that the mirror makes keeps its records',
    services: ['up', 'mirror', 'doctor'],
  }),
  lagLimit: setting({
    env: 'LAG_LIMIT',
    flag: '--lag-limit',
    type: int({ min: 1 }),
    default: 100_000,
    about: 'records that a consumer may be behind before it warns',
    services: ['up', 'mirror', 'bars'],
  }),
};
