import { diskCheckup } from '../../adapters/checkup/disk.ts';
import type { TopicWish } from '../../adapters/checkup/kafka.ts';
import type { Finding } from '../../domain/event/checkup-finding.ts';
import { GAPS_TOPIC } from '../../domain/gap/gap.ts';
import { REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import { symbolOfTopic } from '../../domain/tick/symbol.ts';
import { withoutPassword } from '../config/setting.ts';
import { allSettings } from '../config/settings.ts';
import { kafkaOptions, redisCa } from '../engines/options.ts';
import { runningIn } from '../host/data-dir.ts';
import { EXIT_DOCTOR_FINDINGS } from '../host/exit-codes.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Command } from './command.ts';

export const doctorCommand: Command<'doctor'> = {
  name: 'doctor',
  summary: 'check the configuration and every engine, and say what to do',
  details: `Checks the engines that are set (REDIS_URL, REDIS_STREAMS_URL, KAFKA_BOOTSTRAP_SERVERS, PG_DSN), and the embedded engines in the
data directory for those that are not. Exit code 0: you need to do nothing; 5: you need to do what is marked ✗.`,
  async run(runtime) {
    const findings: Finding[] = [nodeFinding(), configFinding(runtime)];
    for (const part of [dataDir, redis, kafka, postgres]) {
      const found = await part(runtime);
      findings.push(...found);
    }
    const { terminal, config } = runtime;
    if (config.values.json) terminal.out(`${JSON.stringify(findings)}\n`);
    else terminal.out(report(findings, terminal.colour));
    return findings.some(({ status }) => status === 'fail') ? EXIT_DOCTOR_FINDINGS : 0;
  },
};

function nodeFinding(): Finding {
  return { check: 'node', status: 'ok', found: `Node ${process.versions.node} on ${process.platform} ${process.arch}` };
}

function configFinding({ config }: Runtime): Finding {
  const set = allSettings.filter(([key]) => config.isSet(key));
  // The file is checked before anything runs: what comes here is valid.
  const list = set.map(([key, s]) => `${s.env ?? s.flag} (${config.origin(key)})`).join(', ');
  return {
    check: 'configuration',
    status: 'ok',
    found: set.length === 0 ? 'valid; everything is at its default' : `valid; set: ${list}`,
  };
}

async function dataDir({ config }: Runtime): Promise<Finding[]> {
  const { dataDir: path } = config.values;
  const running = await runningIn(path);
  const up: Finding = {
    check: 'data-dir.running',
    status: 'ok',
    found:
      running === null
        ? 'no `pulse up` runs in it'
        : `\`pulse up\` ${running.version} runs in it: process ${running.pid}, ${running.address ?? 'not listening yet'}${running.mcp2 ? `, mcp2 at ${running.mcp2}` : ''}`,
  };
  return [...(await diskCheckup(path)), up];
}

async function redis({ config, clock, engines }: Runtime): Promise<Finding[]> {
  const { redisUrl, redisStreamsUrl, streamVersionPrefix } = config.values;
  if (engines.kind.redis === 'embedded')
    return embedded('redis', 'pub/sub and streams are embedded; REDIS_URL is not set', async () =>
      (await engines.streams()).ping(),
    );
  const { redisCheckup } = await import('../../adapters/checkup/redis.ts');
  const ca = await redisCa(config);
  const findings: Finding[] = [];
  for (const url of new Set([redisUrl, redisStreamsUrl ?? redisUrl])) {
    findings.push(
      ...(await redisCheckup({ url, ca, at: withoutPassword(url), streams: `${streamVersionPrefix}:ticks:*`, clock })),
    );
  }
  return unlessUnset(
    config.isSet('redisUrl'),
    findings,
    `REDIS_URL is not set, and ${redisUrl} is not there: \`pulse up\` embeds it, a single service needs it`,
  );
}

async function kafka({ config, clock, engines }: Runtime): Promise<Finding[]> {
  const { kafkaBrokers, topicRetention } = config.values;
  if (engines.kind.log === 'embedded')
    return embedded('log', 'the log is embedded; KAFKA_BOOTSTRAP_SERVERS is not set', async () =>
      (await engines.log()).ping(),
    );
  const { kafkaCheckup } = await import('../../adapters/checkup/kafka.ts');
  const findings = await kafkaCheckup({
    options: await kafkaOptions(config, clock),
    wishes: (topics) => topicWishes(topics, topicRetention),
  });
  const note = `KAFKA_BOOTSTRAP_SERVERS is not set, and ${kafkaBrokers.join(',')} is not there: \`pulse up\` embeds the log, a single service needs it`;
  return unlessUnset(config.isSet('kafkaBrokers'), findings, note);
}

/** A default address that is not there is no fault: nobody said that it would be. */
function unlessUnset(isSet: boolean, findings: Finding[], note: string): Finding[] {
  const away = findings.find(({ check, status }) => status === 'fail' && check.endsWith('.reachable'));
  return isSet || away === undefined ? findings : [{ check: away.check, status: 'ok', found: note }];
}

const WEEK = 7 * 86_400_000;

function topicWishes(topics: readonly string[], retention: number | null): TopicWish[] {
  return topics.flatMap((topic): TopicWish[] => {
    if (topic === GAPS_TOPIC || /^bars\..+\.(1m|5m|15m|1h|4h|1d)$/.test(topic))
      return [{ topic, compacted: true, retentionMs: null }];
    if (topic === REJECTED_TOPIC) return [{ topic, compacted: false, retentionMs: null }];
    return symbolOfTopic(topic) === null ? [] : [{ topic, compacted: false, retentionMs: retention ?? WEEK }];
  });
}

async function postgres({ config, clock, engines }: Runtime): Promise<Finding[]> {
  const { pgDsn } = config.values;
  // Not opened to look at it: that takes seconds, and a running `pulse up` holds it.
  if (pgDsn === null)
    return [
      {
        check: 'postgres',
        status: 'ok',
        found: `PG_DSN is not set: the database is ${engines.kind.database === 'embedded' ? 'embedded' : 'the embedded one, once `pulse up` has run'}`,
      },
    ];
  const { postgresCheckup } = await import('../../adapters/checkup/postgres.ts');
  return postgresCheckup({ dsn: pgDsn, at: withoutPassword(pgDsn), clock });
}

async function embedded(check: string, found: string, ping: () => Promise<void>): Promise<Finding[]> {
  try {
    await ping();
    return [{ check, status: 'ok', found }];
  } catch (error) {
    return [
      {
        check,
        status: 'fail',
        found: `${found}; it does not open: ${(error as Error).message}`,
        meaning: 'Pulse cannot work in this data directory',
        remedy: 'stop what else uses the directory, or give another --data-dir (PULSE_DATA_DIR)',
      },
    ];
  }
}

const SIGNS = { ok: '✓', warn: '!', fail: '✗' } as const;
const COLOURS = { ok: '\x1b[32m', warn: '\x1b[33m', fail: '\x1b[31m' } as const;

function report(findings: readonly Finding[], colour: boolean): string {
  const lines = findings.flatMap(({ check, status, found, meaning, remedy }) => [
    `${colour ? COLOURS[status] : ''}${SIGNS[status]}${colour ? '\x1b[0m' : ''} ${check}: ${found}`,
    ...(meaning === undefined ? [] : [`    means: ${meaning}`]),
    ...(remedy === undefined ? [] : [`    do:    ${remedy}`]),
  ]);
  const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length;
  return `${lines.join('\n')}\n\n${count('ok')} fine, ${count('warn')} to look at, ${count('fail')} to mend\n`;
}
