import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { brokerFiles } from '../support/kafka/broker-files.ts';
import { type KafkaBroker, startKafka } from '../support/kafka-broker.ts';
import { KafkaReader } from './kafka-reader.ts';
import { ProductProcess } from './product-process.ts';
import { RedisProcess } from './redis-process.ts';
import { askRedis } from './resp.ts';

/** Engines of its own and the product as processes. Everything that it started ends with `dispose`, or with this process. */
export class Rig {
  readonly redis: RedisProcess;
  readonly kafka: KafkaBroker;
  readonly reader: KafkaReader;
  readonly processes: ProductProcess[] = [];
  readonly #folder: string;
  readonly #onExit = (): void => this.#killAll();

  private constructor(redis: RedisProcess, kafka: KafkaBroker, reader: KafkaReader, folder: string) {
    this.redis = redis;
    this.kafka = kafka;
    this.reader = reader;
    this.#folder = folder;
    process.once('exit', this.#onExit);
  }

  static async start(redisArgs: readonly string[] = []): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), 'pulse-judge-'));
    const redis = await RedisProcess.start(folder, redisArgs);
    try {
      const { classPath } = await brokerFiles();
      const kafka = await startKafka();
      return new Rig(redis, kafka, new KafkaReader(classPath, kafka.bootstrap), folder);
    } catch (error) {
      await redis.end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** A process of the product, with a data directory of its own. It is not started yet. */
  product(name: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): ProductProcess {
    const made = new ProductProcess(name, words, {
      REDIS_URL: this.redis.url,
      KAFKA_BOOTSTRAP_SERVERS: this.kafka.bootstrap,
      PULSE_DATA_DIR: join(this.#folder, name),
      PULSE_INSTANCE: name,
      BARS_IDLE_CLOSE_MS: '2000',
      ...env,
    });
    this.processes.push(made);
    return made;
  }

  /** How many clients hold a pattern; 0 while Redis is away. */
  async subscribers(): Promise<number> {
    const list = await askRedis(this.redis.port, 'CLIENT', 'LIST', 'TYPE', 'pubsub').catch(() => '');
    return String(list).split(/ psub=[1-9]/).length - 1;
  }

  /** Waits until so many subscribe, or gives up. */
  async subscribed(count: number, limitMs: number): Promise<boolean> {
    for (const begun = performance.now(); performance.now() - begun < limitMs; await sleep(100))
      if ((await this.subscribers()) >= count) return true;
    return false;
  }

  async dispose(): Promise<void> {
    process.removeListener('exit', this.#onExit);
    this.reader.close();
    await Promise.all(this.processes.map((each) => each.end('SIGKILL')));
    await this.kafka.dispose();
    await this.redis.end('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }

  #killAll(): void {
    this.reader.close();
    for (const each of this.processes) each.signal('SIGKILL');
    void this.redis.end('SIGKILL'); // detached: it runs as the process exits, which awaits nothing
  }
}
