import { createClient } from 'redis';
import { afterAll, expect, test } from 'vitest';
import type { Verified } from '../../src/app/verify/verify.ts';
import type { SessionReport } from '../../src/domain/parity/parity-report.ts';
import { Shell } from '../support/command-line.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { sharedKafka } from '../support/kafka-shared.ts';
import { describeWith } from '../support/needs.ts';
import { type RedisServer, redisAvailable, startRedis } from '../support/redis-server.ts';
import { tickSets } from '../support/tick-sets.ts';

type Summary = Omit<Verified, 'compared'> & { readonly ok: boolean; readonly sessions: readonly SessionReport[] };

/** Runs `pulse verify` as a user does, and gives what it found. */
async function verified(
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; found: Summary }> {
  const shell = await Shell.open(env);
  try {
    const { code, out, err } = await shell.run(['verify', ...words, '--json']);
    if (out === '') throw new Error(err);
    return { code, found: JSON.parse(out) as Summary };
  } finally {
    await shell.close();
  }
}

function expectAllEqual({ code, found }: { code: number; found: Summary }, engines: string): void {
  expect(found.faults).toEqual([]);
  expect(found.engines).toBe(engines);
  expect(found.reference!.bars).toBeGreaterThan(0);
  for (const side of found.reference!.sides) {
    expect(side.differences).toEqual([]);
    expect(side.bars).toBe(found.reference!.bars);
  }
  expect(found.play.mirrored).toBe(found.play.published);
  expect(code).toBe(0);
}

await describeWith('on embedded engines every bar of both sides equals the reference', { ticks: true }, () => {
  test.for(tickSets())('$name', { timeout: 300_000 }, async ({ ticks, bars }) => {
    expectAllEqual(await verified([ticks, '--reference', bars]), 'embedded');
  });
});

await describeWith(
  'on Redis and Kafka every bar of both sides equals the reference',
  { ticks: true, engines: [redisAvailable, kafkaAvailable] },
  () => {
    let redis: RedisServer | null = null;
    afterAll(() => redis?.dispose());

    test.for(tickSets())('$name', { timeout: 600_000 }, async ({ ticks, bars }) => {
      redis ??= await startRedis();
      const env = { REDIS_URL: redis.url, KAFKA_BOOTSTRAP_SERVERS: await sharedKafka() };
      expectAllEqual(await verified([ticks, '--reference', bars, '--engines', 'real'], env), 'real');
      const client = await createClient({ url: redis.url }).connect();
      expect(await client.keys('*')).toEqual([]);
      client.destroy();
    });
  },
);

await describeWith('each session of eleven weekdays of EURUSD', { ticks: true }, () => {
  test('passes at 100 % with the fx calendar', { timeout: 300_000 }, async () => {
    const { ticks } = tickSets().find(({ name }) => name === 'EURUSD.fxcm.2014-05')!;
    const { code, found } = await verified([ticks, '--calendars', 'EUR*=fx,*=24x7']);
    expect(found.faults).toEqual([]);
    expect(code).toBe(0);
    const counted = found.sessions.filter(({ verdict }) => verdict !== 'no ticks');
    expect(counted.length).toBeGreaterThanOrEqual(9);
    for (const { verdict, parity, calendar } of counted)
      expect([verdict, parity, calendar]).toEqual(['passed', 100, 'fx']);
  });
});
