import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises'; // ambient-ok: waits for other processes
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbRecordLog } from '../../src/adapters/record-log/lmdb.ts';
import type { LogRecord, RecordLog } from '../../src/ports/record-log.ts';
import { readAll, readTopic, upTo } from '../contract/record-log/reading.ts';

const PROCESS = fileURLToPath(new URL('../support/record-log-process.ts', import.meta.url));
const TOPIC = 'ticks.EURUSD';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pulse-embedded-log-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

function opened(path: string): RecordLog {
  const log = lmdbRecordLog({ path, clock: systemClock() });
  onTestFinished(() => log.close());
  return log;
}

interface Other {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it has ended by itself, well. */
  ended(): Promise<void>;
}

function other(...args: readonly (string | number)[]): Other {
  const child = spawn(process.execPath, [PROCESS, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const exit = once(child, 'exit');
  const closed = once(child, 'close');
  const gone = async (): Promise<void> => {
    await Promise.all([exit, closed]);
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone();
  };
  onTestFinished(kill);
  return {
    child,
    lines,
    kill,
    ended: async () => {
      await gone();
      expect(child.exitCode).toBe(0);
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

const numbers = async (log: RecordLog): Promise<number[]> =>
  (await readAll(log, TOPIC)).map(({ value }) => Number(value));

test('a process that is killed while it appends has lost nothing that was acknowledged, and torn no append', {
  timeout: 180_000,
}, async () => {
  const path = await folder();
  for (const round of upTo(10)) {
    const appender = other('append', path, TOPIC, 'only', 1_000_000, 50);
    await until(() => appender.lines.length > 3 + round * 5);
    await appender.kill();
    const acknowledged = Number(appender.lines.at(-1));
    const log = lmdbRecordLog({ path, clock: systemClock() });
    const found = await numbers(log);
    await log.close();
    expect(found).toEqual(upTo(found.length));
    expect(found.length).toBeGreaterThanOrEqual(acknowledged);
    expect(found.length % 50).toBe(0);
  }
});

test('a process goes on appending and reading while others on the same log are killed', {
  timeout: 180_000,
}, async () => {
  const path = await folder();
  const log = opened(path);
  await log.createTopics([{ topic: TOPIC }]);
  for (const round of upTo(5)) {
    const victim = other('append', path, TOPIC, 'victim', 1_000_000, 50);
    await until(() => victim.lines.length > 5);
    await log.append([{ topic: TOPIC, key: 'own', value: Buffer.from(String(2 * round)) }]);
    await victim.kill();
    await log.append([{ topic: TOPIC, key: 'own', value: Buffer.from(String(2 * round + 1)) }]);
  }
  const own = (await readAll(log, TOPIC)).filter(({ key }) => key === 'own');
  expect(own.map(({ value }) => Number(value))).toEqual(upTo(10));
});

test('several processes append to one partition at the same time, each in order, and a consumer of a fourth sees all', {
  timeout: 180_000,
}, async () => {
  const path = await folder();
  const log = opened(path);
  const seen: string[] = [];
  const stop = new AbortController();
  const consuming = log.consume(
    { group: 'bars', topics: { topics: [TOPIC] } },
    async (batch) => {
      seen.push(...batch.map(({ key, value }) => `${key} ${value}`));
      return [{ topic: TOPIC, partition: 0, offset: batch.at(-1)!.offset + 1 }];
    },
    stop.signal,
  );
  const keys = ['a', 'b', 'c'];
  await Promise.all(keys.map((key) => other('append', path, TOPIC, key, 100, 20).ended()));
  await until(() => seen.length >= 6000);
  stop.abort();
  await consuming;
  for (const key of keys)
    expect(seen.filter((line) => line.startsWith(key))).toEqual(upTo(2000).map((i) => `${key} ${i}`));
});

test('what a killed member held goes to another, though its session is not over, from what it had committed', {
  timeout: 180_000,
}, async () => {
  const path = await folder();
  const { now } = systemClock();
  const start = now();
  // Time stands still here, so that no session ends: that the process is gone must do.
  const log = lmdbRecordLog({ path, clock: { ...systemClock(), now: () => start } });
  onTestFinished(() => log.close());
  await log.createTopics([{ topic: TOPIC, partitions: 4 }]);
  await log.append(upTo(400).map((i) => ({ topic: TOPIC, key: `S${i % 20}`, value: Buffer.from(String(i)) })));
  const victim = other('consume', path, TOPIC, 'bars');
  await until(() => victim.lines.length >= 100);
  await victim.kill();
  const committed = new Map((await log.committed('bars')).map(({ partition, offset }) => [partition, offset]));
  const seen: LogRecord[] = [];
  const stop = new AbortController();
  const handle = async (batch: readonly LogRecord[]): Promise<[]> => {
    seen.push(...batch);
    return [];
  };
  const consuming = log.consume({ group: 'bars', topics: { topics: [TOPIC] } }, handle, stop.signal);
  const expected = (await readTopic(log, TOPIC)).filter(
    ({ partition, offset }) => offset >= (committed.get(partition) ?? 0),
  );
  await until(() => seen.length >= expected.length);
  stop.abort();
  await consuming;
  const places = (records: readonly LogRecord[]): string[] =>
    records.map(({ partition, offset }) => `${partition} ${offset}`).sort();
  expect(places(seen)).toEqual(places(expected));
  expect([
    ...new Set([...victim.lines.map((line) => Number(line.split(' ')[1])), ...seen.map(({ value }) => Number(value))]),
  ]).toHaveLength(400);
});
