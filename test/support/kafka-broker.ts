import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises'; // ambient-ok: waits for a broker process
import { brokerFiles, serverProperties } from './kafka/broker-files.ts';

export interface KafkaBroker {
  /** `host:port`, the same after every start. */
  readonly bootstrap: string;
  /** Process id of the JVM; null while it is not running. */
  readonly pid: number | null;
  /** Starts it again on the same data and port; resolves when it takes requests. */
  start(): Promise<void>;
  /** Orderly stop (SIGTERM). */
  stop(): Promise<void>;
  /** SIGKILL: what a crash leaves. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Ends it and deletes its data. */
  dispose(): Promise<void>;
}

export interface KafkaBrokerOptions {
  /** More lines for server.properties: setting to value. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Most memory of its heap. */
  readonly heapMb?: number;
}

/** Why no broker can run here, or null. The first call may take some seconds: Maven resolves the broker. */
export async function kafkaAvailable(): Promise<string | null> {
  try {
    await brokerFiles();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Starts a broker of its own, with its data in a temporary folder. It ends with this process, however that ends. */
export async function startKafka({ settings = {}, heapMb = 512 }: KafkaBrokerOptions = {}): Promise<KafkaBroker> {
  const files = await brokerFiles();
  const folder = await mkdtemp(join(tmpdir(), 'pulse-kafka-'));
  const dataDir = join(folder, 'data');
  const properties = join(folder, 'server.properties');
  await files.format(dataDir);

  const run = async (): Promise<Running> => startJvm(files.classPath, properties, folder, heapMb);
  let port = 0;
  let running: Running | null = null;
  for (let attempt = 1; running === null; attempt += 1) {
    const controllerPort = await freePort();
    port = await freePort();
    await writeFile(properties, serverProperties({ dataDir, port, controllerPort, settings }));
    try {
      running = await run();
    } catch (error) {
      // Another process may have taken the port in between.
      if (attempt === 3) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    }
  }

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const was = running;
    running = null;
    await was?.end(signal);
  };
  return {
    bootstrap: `127.0.0.1:${port}`,
    get pid() {
      return running?.pid ?? null;
    },
    start: async () => {
      running ??= await run();
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => {
      if (running === null) return;
      running.child.kill('SIGSTOP');
      // Every thread of it stops a moment later.
      while (readFileSync(`/proc/${running.pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'T');
    },
    resume: () => void running?.child.kill('SIGCONT'),
    dispose: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

async function startJvm(classPath: string, properties: string, folder: string, heapMb: number): Promise<Running> {
  const logFile = join(folder, 'broker.log');
  const log = openSync(logFile, 'w');
  const child = spawn(
    'java',
    [
      `-Xmx${heapMb}m`,
      '-Xms64m',
      '-XX:+UseSerialGC',
      // The second compiler would take the better part of two cores for the length of a test.
      '-XX:TieredStopAtLevel=1',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
      '-cp',
      classPath,
      'kafka.Kafka',
      properties,
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) throw new Error('java could not be started');
  const release = reaper(pid, folder);
  child.unref();
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (!ended()) {
      const exit = once(child, 'exit');
      child.ref();
      child.kill('SIGCONT');
      child.kill(signal);
      await exit;
    }
    release();
  };
  for (let waited = 0; ; waited += 25) {
    const text = await readFile(logFile, 'utf8');
    if (text.includes('Kafka Server started')) return { child, pid, end };
    if (ended() || waited > 120_000) {
      await end('SIGKILL');
      throw new Error(`the broker did not start:\n${text.slice(-4000)}`);
    }
    await sleep(25);
  }
}

/** Ends the broker and deletes its folder when this process is gone: the pipe closes with it. Returns how to call it off. */
function reaper(pid: number, folder: string): () => void {
  const script = 'read -r word; [ "$word" = off ] && exit; kill -9 "$1"; sleep 1; rm -rf "$2"';
  // Detached: an interrupt from the terminal must not end it before its work.
  const child = spawn('sh', ['-c', script, 'reaper', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  const pipe = child.stdin;
  (pipe as unknown as { unref?: () => void }).unref?.();
  return () => void pipe.end('off\n');
}

/** A port that nobody listens on, below the ephemeral range, so that no outgoing connection takes it while a broker is down. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
