import { settingsOf } from '../setting.ts';
import { brokers, choice, path, text, url, yesNo } from '../value-type.ts';

const setting = settingsOf('Engines');

const redisUsers = ['up', 'feed', 'mirror', 'bars', 'reconcile', 'parity', 'promote', 'rollback', 'doctor', 'dlq', 'verify'] as const;
const kafkaUsers = ['up', 'feed', 'mirror', 'bars', 'reconcile', 'parity', 'promote', 'rollback', 'overseer', 'verify', 'doctor', 'dlq', 'topics'] as const;
const embeddedInUp = '`pulse up` uses the embedded engine until this is set';

export const engineSettings = {
  redisUrl: setting({
    env: 'REDIS_URL',
    flag: '--redis-url',
    type: url('redis', 'rediss'),
    default: 'redis://redis:6379/0',
    secret: 'url',
    about: `Redis for pub/sub, streams and keys; rediss:// for TLS, redis://user:password@host for an ACL user; ${embeddedInUp}`,
    services: redisUsers,
  }),
  redisStreamsUrl: setting({
    env: 'REDIS_STREAMS_URL',
    flag: '--redis-streams-url',
    type: url('redis', 'rediss'),
    otherwise: 'REDIS_URL',
    secret: 'url',
    about: 'Redis for streams and keys, where it is another server than the one for pub/sub',
    services: redisUsers,
  }),
  redisTlsCa: setting({
    env: 'REDIS_TLS_CA',
    flag: '--redis-tls-ca',
    type: path,
    otherwise: 'the authorities that Node trusts',
    about: 'PEM file of the authority that signed the certificate of Redis',
    services: redisUsers,
  }),
  kafkaBrokers: setting({
    env: 'KAFKA_BOOTSTRAP_SERVERS',
    aliases: ['KAFKA_BROKERS'],
    flag: '--kafka-bootstrap-servers',
    type: brokers,
    default: ['kafka:9092'],
    about: `Kafka brokers to ask first; ${embeddedInUp}`,
    services: kafkaUsers,
  }),
  kafkaTls: setting({
    env: 'KAFKA_TLS',
    flag: '--kafka-tls',
    type: yesNo,
    default: false,
    about: 'speak TLS with the brokers',
    services: kafkaUsers,
  }),
  kafkaTlsCa: setting({
    env: 'KAFKA_TLS_CA',
    flag: '--kafka-tls-ca',
    type: path,
    otherwise: 'the authorities that Node trusts',
    about: 'PEM file of the authority that signed the certificates of the brokers',
    services: kafkaUsers,
  }),
  kafkaSaslMechanism: setting({
    env: 'KAFKA_SASL_MECHANISM',
    flag: '--kafka-sasl-mechanism',
    type: choice(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
    otherwise: 'no SASL',
    about: 'how to log in to the brokers',
    services: kafkaUsers,
  }),
  kafkaSaslUsername: setting({
    env: 'KAFKA_SASL_USERNAME',
    flag: '--kafka-sasl-username',
    type: text('<user>'),
    otherwise: 'none',
    about: 'user for SASL',
    services: kafkaUsers,
  }),
  kafkaSaslPassword: setting({
    env: 'KAFKA_SASL_PASSWORD',
    flag: '--kafka-sasl-password',
    type: text('<password>'),
    otherwise: 'none',
    secret: true,
    about: 'password for SASL; better given as a variable: a command line is visible to others',
    services: kafkaUsers,
  }),
  pgDsn: setting({
    env: 'PG_DSN',
    aliases: ['DATABASE_URL'],
    flag: '--pg-dsn',
    type: url('postgres', 'postgresql'),
    otherwise: 'required by a single service',
    secret: 'url',
    about: `Postgres, for the parity ledger; ?sslmode=… as usual; ${embeddedInUp}`,
    services: ['up', 'reconcile', 'parity', 'promote', 'rollback', 'verify', 'doctor'],
  }),
};
