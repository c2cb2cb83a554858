import { readFile } from 'node:fs/promises';
import type { KafkaOptions } from '../../adapters/record-log/kafka-client.ts';
import type { RedisOptions } from '../../adapters/redis/connection.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Config } from '../config/config.ts';

/** How to reach Kafka. Rejects with `config.file` where the authority's file cannot be read. */
export async function kafkaOptions(
  { values, command }: Config,
  clock: Clock,
  ending?: AbortSignal,
): Promise<KafkaOptions> {
  const { kafkaBrokers, kafkaTls, kafkaTlsCa, kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslPassword } = values;
  const ca = kafkaTlsCa === null ? null : await pem(kafkaTlsCa);
  return {
    brokers: kafkaBrokers,
    clientId: `pulse-${command}`,
    clock,
    ...(ending !== undefined && { ending }),
    ...(kafkaTls && { tls: ca === null ? {} : { ca } }),
    ...(kafkaSaslMechanism !== null &&
      kafkaSaslUsername !== null &&
      kafkaSaslPassword !== null && {
        sasl: { mechanism: kafkaSaslMechanism, username: kafkaSaslUsername, password: kafkaSaslPassword },
      }),
  };
}

/** PEM of the authority that signed the certificate of Redis, or null. Rejects with `config.file`. */
export const redisCa = async ({ values }: Config): Promise<Buffer | null> =>
  values.redisTlsCa === null ? null : pem(values.redisTlsCa);

async function pem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new PulseError('config.file', { path, reason: (cause as Error).message }, { cause });
  }
}

/** How to reach the Redis at `url`. Rejects with `config.file`. */
export async function redisOptions(config: Config, url: string, clock: Clock): Promise<RedisOptions> {
  const ca = await redisCa(config);
  return { url, clock, ...(ca !== null && { ca }) };
}
