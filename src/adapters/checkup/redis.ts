import { createClient } from 'redis';
import { type Finding, skewFinding } from '../../domain/event/checkup-finding.ts';
import type { Clock } from '../../ports/clock.ts';

export interface RedisCheckup {
  /** With user and password, where it has them. */
  readonly url: string;
  /** PEM of the authority to trust; null: those that Node trusts. */
  readonly ca: Buffer | null;
  /** How the server is named in findings: its URL without the password. */
  readonly at: string;
  /** Streams of ticks to look at: a glob. */
  readonly streams: string;
  readonly clock: Clock;
}

type Ask = (...command: string[]) => Promise<unknown>;

const MB = 1024 * 1024;
/** A burst of a few hundred thousand ticks. */
const ENOUGH_BUFFER = 128 * MB;
const TIMEOUT_MS = 5_000;

/** Newest entries of the stream of ticks that are looked at. */
const ENTRIES = 100;

/** Looks at a Redis server as Pulse uses it: pub/sub, streams and keys. */
export async function redisCheckup({ url, ca, at, streams, clock }: RedisCheckup): Promise<Finding[]> {
  const tls = url.startsWith('rediss:') ? { tls: true as const, ...(ca !== null && { ca }) } : {};
  const client = createClient({
    url,
    RESP: 2,
    maintNotifications: 'disabled',
    socket: { connectTimeout: TIMEOUT_MS, reconnectStrategy: false, ...tls },
  });
  // Every failure also rejects the call under way, which is where it is reported.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    return [unreachable(at, error)];
  }
  const ask: Ask = (...command) => client.sendCommand(command);
  try {
    const findings: Finding[] = [];
    for (const check of [version, skew, outputBuffer, eviction, persistence])
      findings.push(await check(ask, at, clock));
    findings.push(...(await tickStreams(ask, streams)));
    return findings;
  } catch (error) {
    return [unreachable(at, error)];
  } finally {
    client.destroy();
  }
}

const unreachable = (at: string, error: unknown): Finding => ({
  check: 'redis.reachable',
  status: 'fail',
  found: `${at} does not answer: ${error instanceof AggregateError ? error.errors.map((each: Error) => each.message).join(', ') : (error as Error).message}`,
  meaning: 'no ticks can be received or published, and the incumbent can write no bars',
  remedy: 'start Redis, or correct REDIS_URL (host, port, user, password)',
});

async function info(ask: Ask, section: string): Promise<ReadonlyMap<string, string>> {
  const lines = String(await ask('INFO', section)).split(/\r?\n/);
  return new Map(
    lines
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

/** A setting of the server, or null where this user may not ask or the server does not have it. */
async function setting(ask: Ask, name: string): Promise<string | null> {
  try {
    const answer = await ask('CONFIG', 'GET', name);
    if (Array.isArray(answer)) return answer[1] === undefined ? null : String(answer[1]);
    return answer === null ? null : ((Object.values(answer as object)[0] as string | undefined) ?? null);
  } catch (error) {
    // Managed servers refuse CONFIG: the caller says that it could not be seen.
    if (/^(NOPERM|ERR)/.test((error as Error).message)) return null;
    throw error;
  }
}

const hidden = (check: string, name: string): Finding => ({
  check,
  status: 'warn',
  found: `the server does not show ${name} to this user`,
  meaning: 'it could not be checked',
  remedy: `let the user run CONFIG GET, or look at ${name} where the server is managed`,
});

async function version(ask: Ask, at: string): Promise<Finding> {
  const found = (await info(ask, 'server')).get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = found.split('.').map(Number);
  if (major > 6 || (major === 6 && minor >= 2))
    return { check: 'redis.version', status: 'ok', found: `Redis ${found} at ${at}` };
  return {
    check: 'redis.version',
    status: 'fail',
    found: `Redis ${found} at ${at}`,
    meaning: 'streams are read with commands that Redis has since 6.2',
    remedy: 'update Redis to 6.2 or later',
  };
}

async function skew(ask: Ask, _at: string, clock: Clock): Promise<Finding> {
  const before = clock.now();
  const [seconds, micros] = (await ask('TIME')) as [string, string];
  const after = clock.now();
  return skewFinding(
    'redis.clock',
    'the clock of Redis',
    Number(seconds) * 1000 + Number(micros) / 1000 - (before + after) / 2,
    (after - before) / 2,
  );
}

async function outputBuffer(ask: Ask): Promise<Finding> {
  const check = 'redis.output-buffer';
  const limits = await setting(ask, 'client-output-buffer-limit');
  if (limits === null) return hidden(check, 'client-output-buffer-limit');
  const [hard = 0, soft = 0, seconds = 0] = (/pubsub (\d+) (\d+) (\d+)/.exec(limits) ?? []).slice(1).map(Number);
  const found =
    hard === 0 && soft === 0
      ? 'no limit on what waits for a slow subscriber'
      : `a subscriber is cut off at ${hard / MB} MB, or at ${soft / MB} MB for ${seconds} s`;
  if ((hard === 0 || hard >= ENOUGH_BUFFER) && (soft === 0 || soft >= ENOUGH_BUFFER / 4))
    return { check, status: 'ok', found };
  return {
    check,
    status: 'warn',
    found,
    meaning:
      'a burst, or a mirror that is stopped for a moment, costs ticks: Redis cuts the subscriber off without a word, and that is a gap (reason overflow)',
    remedy:
      'CONFIG SET client-output-buffer-limit "pubsub 256mb 64mb 60", and the same in redis.conf; streams of ticks let the mirror fill such gaps',
  };
}

async function eviction(ask: Ask): Promise<Finding> {
  const check = 'redis.eviction';
  const limit = await setting(ask, 'maxmemory');
  const policy = await setting(ask, 'maxmemory-policy');
  if (limit === null || policy === null) return hidden(check, 'maxmemory-policy');
  if (limit === '0' || policy === 'noeviction' || policy.startsWith('volatile-')) {
    return {
      check,
      status: 'ok',
      found: limit === '0' ? 'no memory limit' : `maxmemory ${Math.round(Number(limit) / MB)} MB, ${policy}`,
    };
  }
  return {
    check,
    status: 'fail',
    found: `maxmemory-policy ${policy}`,
    meaning: 'when memory is full Redis deletes whole streams of bars, and with them where the incumbent stands',
    remedy: 'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf',
  };
}

async function persistence(ask: Ask): Promise<Finding> {
  const check = 'redis.persistence';
  const appendOnly = await setting(ask, 'appendonly');
  const save = await setting(ask, 'save');
  if (appendOnly === null) return hidden(check, 'appendonly');
  if (appendOnly === 'yes') return { check, status: 'ok', found: 'append-only file on' };
  return {
    check,
    status: 'warn',
    found: save === '' || save === null ? 'nothing is kept on disk' : 'snapshots only',
    meaning: 'a crash of Redis loses the newest bars of the incumbent and the ticks that fill gaps',
    remedy: 'CONFIG SET appendonly yes, and the same in redis.conf',
  };
}

async function tickStreams(ask: Ask, pattern: string): Promise<Finding[]> {
  const names: string[] = [];
  let cursor = '0';
  do {
    const [next, page] = (await ask('SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000', 'TYPE', 'stream')) as [
      string,
      string[],
    ];
    cursor = String(next);
    names.push(...page);
  } while (cursor !== '0');
  if (names.length === 0) {
    return [
      {
        check: 'redis.streams',
        status: 'warn',
        found: `there is no stream ${pattern}`,
        meaning: 'gaps in pub/sub can be told, but not filled',
        remedy: 'let the publisher also write streams, as `pulse feed` does; or look at STREAM_VERSION_PREFIX',
      },
    ];
  }
  const findings: Finding[] = [];
  for (const name of names.sort()) {
    const length = Number(await ask('XLEN', name));
    const [oldest] = (await ask('XRANGE', name, '-', '+', 'COUNT', '1')) as [[string, unknown]?];
    const [newest] = (await ask('XREVRANGE', name, '+', '-', 'COUNT', '1')) as [[string, unknown]?];
    const minutes =
      oldest === undefined || newest === undefined
        ? 0
        : (Number.parseInt(newest[0], 10) - Number.parseInt(oldest[0], 10)) / 60_000;
    findings.push({
      check: 'redis.streams',
      status: 'ok',
      found: `${name} keeps ${length} ticks over ${minutes.toFixed(1)} min: gaps no older than that can be filled`,
    });
    findings.push(...(await anonymousEntries(ask, name)));
  }
  return findings;
}

/** Entries of the stream of all symbols, of the newest, that tell no symbol: gaps cannot be filled from them. */
async function anonymousEntries(ask: Ask, name: string): Promise<Finding[]> {
  if (!name.endsWith(':l1')) return [];
  const newest = (await ask('XREVRANGE', name, '+', '-', 'COUNT', String(ENTRIES))) as [string, string[]][];
  const anonymous = newest.filter(([, fields]) => !tellsSymbol(fields));
  const [first] = anonymous;
  if (first === undefined) return [];
  return [
    {
      check: 'redis.streams.symbol',
      status: 'warn',
      found: `of the newest ${newest.length} entries of ${name}, ${anonymous.length} tell no symbol, ${first[0]} among them`,
      meaning: 'gaps cannot be filled from them, and stay open',
      remedy: 'let the publisher write the field symbol into each entry, or "symbol" into the payload in the field j',
    },
  ];
}

function tellsSymbol(fields: readonly string[]): boolean {
  const field = (name: string): string | undefined => {
    const at = fields.findIndex((each, i) => i % 2 === 0 && String(each) === name);
    return at === -1 ? undefined : String(fields[at + 1]);
  };
  if (field('symbol') !== undefined) return true;
  try {
    return typeof (JSON.parse(field('j') ?? '') as { symbol?: unknown }).symbol === 'string';
  } catch {
    // Neither in a field nor in a payload that is JSON.
    return false;
  }
}
