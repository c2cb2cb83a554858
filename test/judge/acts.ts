import { setTimeout as sleep } from 'node:timers/promises';
import type { AskedEnd, Happening } from './evidence.ts';
import { leaseText, loseLease } from './lease-key.ts';
import type { ProductProcess } from './product-process.ts';
import type { Publisher } from './publisher.ts';
import { askRedis } from './resp.ts';
import type { Rig } from './rig.ts';
import type { Act, Target } from './scenario.ts';

/** Does to the product what a scenario says, and writes down when. */
export class Acts {
  readonly happenings: Happening[] = [];
  readonly askedEnds: AskedEnd[] = [];
  readonly #rig: Rig;
  readonly #publishers: readonly Publisher[];
  /** Engines are taken away one after the other. */
  #kafka: Promise<unknown> = Promise.resolve();
  #redis: Promise<unknown> = Promise.resolve();

  constructor(rig: Rig, publishers: readonly Publisher[]) {
    this.#rig = rig;
    this.#publishers = publishers;
  }

  async do(act: Act): Promise<void> {
    switch (act.kind) {
      case 'kill':
      case 'term':
        return this.#with(act.target, (process) => this.#down(process, act.kind as 'kill' | 'term', act.downMs));
      case 'stop':
        return this.#with(act.target, (process) => this.#stop(process, act.forMs));
      case 'lag-kill':
        return this.#lagKill(act);
      case 'kafka-away':
        return this.#kafkaAway(() => sleep(act.forMs));
      case 'kafka-slow':
        return this.#inTurn('kafka', () => this.#kafkaSlow(act.pulses, act.pulseMs));
      case 'redis-away':
        return this.#inTurn('redis', () => this.#redisAway(act.signal, act.forMs));
      case 'redis-drop':
        return this.#noted('redis-drop', 'redis', async () => {
          await askRedis(this.#rig.redis.port, 'CLIENT', 'KILL', 'TYPE', 'pubsub').catch(() => undefined);
        });
      case 'lease-lost':
        return this.#noted('lease-lost', act.how, () => loseLease(this.#rig.redis.port, act.how));
      case 'symbols':
        return this.#publish(act.symbols, act.each);
      case 'burst':
        for (let i = 0; i < act.ticks; i += 1)
          this.#publishers[i % this.#publishers.length]!.now(`BURST${i % 7}-${i % this.#publishers.length}`);
        return;
    }
  }

  /** A new symbol belongs to one publisher, which alone knows the order of its ticks. */
  #publish(symbols: readonly string[], each: number): void {
    symbols.forEach((symbol, i) => {
      const publisher = this.#publishers[i % this.#publishers.length]!;
      for (let n = 0; n < each; n += 1) publisher.now(symbol);
    });
  }

  async #with(target: Target, work: (process: ProductProcess) => Promise<void>): Promise<void> {
    const process = await this.#find(target);
    if (process !== null) await process.inTurn(() => work(process));
  }

  /** Of a pair, which one holds is what the lease says; without one, the first. */
  async #find(target: Target): Promise<ProductProcess | null> {
    const named = (name: string): ProductProcess | null =>
      this.#rig.processes.find((process) => process.name === name) ?? null;
    if (target === 'candidate' || target === 'incumbent') return named(target);
    const pair = this.#rig.processes.filter(({ name }) => name.startsWith('mirror-'));
    const text = await leaseText(this.#rig.redis.port);
    const holder = pair.find(({ name }) => text.includes(name)) ?? pair[0] ?? null;
    return target === 'holder' ? holder : (pair.find((process) => process !== holder) ?? holder);
  }

  async #down(process: ProductProcess, how: 'kill' | 'term', downMs: number): Promise<void> {
    const kind = process.name.startsWith('mirror-') ? how : `bars-${how}`;
    await this.#noted(kind, process.name, async () => {
      const end = await process.end(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
      if (how === 'term') this.askedEnds.push({ name: process.name, ...end });
      await sleep(downMs);
      process.start();
    });
  }

  async #stop(process: ProductProcess, forMs: number): Promise<void> {
    await this.#noted('stop', process.name, async () => {
      process.signal('SIGSTOP');
      await sleep(forMs);
      process.signal('SIGCONT');
    });
  }

  /** New symbols are published while the mirror stands still, so that it has received nothing of them; then it is killed. */
  async #lagKill({ lagMs, downMs, symbols, each, kafkaAway }: Act & { kind: 'lag-kill' }): Promise<void> {
    const scene = (): Promise<void> =>
      this.#with('holder', async (process) => {
        process.signal('SIGSTOP');
        await sleep(lagMs / 4);
        this.#publish(symbols, each);
        await Promise.all(this.#publishers.map((publisher) => publisher.sentAll(2_000)));
        await sleep((lagMs * 3) / 4);
        await this.#down(process, 'kill', downMs);
      });
    return kafkaAway ? this.#kafkaAway(scene) : scene();
  }

  #kafkaAway(during: () => Promise<unknown>): Promise<void> {
    return this.#inTurn('kafka', () =>
      this.#noted('kafka-away', 'kafka', async () => {
        await this.#rig.kafka.kill();
        await during();
        await this.#rig.kafka.start();
      }),
    );
  }

  async #kafkaSlow(pulses: number, pulseMs: number): Promise<void> {
    await this.#noted('kafka-slow', 'kafka', async () => {
      for (let i = 0; i < pulses; i += 1) {
        this.#rig.kafka.pause();
        await sleep(pulseMs);
        this.#rig.kafka.resume();
        await sleep(pulseMs / 2);
      }
    });
  }

  async #redisAway(signal: 'SIGTERM' | 'SIGKILL', forMs: number): Promise<void> {
    await this.#noted('redis-away', 'redis', async () => {
      await this.#rig.redis.end(signal);
      await sleep(forMs);
      await this.#rig.redis.start();
    });
  }

  async #noted(kind: string, target: string, work: () => Promise<unknown>): Promise<void> {
    const from = Date.now();
    await work();
    this.happenings.push({ kind, target, from, to: Date.now() });
  }

  #inTurn(engine: 'kafka' | 'redis', work: () => Promise<void>): Promise<void> {
    const before = engine === 'kafka' ? this.#kafka : this.#redis;
    const done = before.then(work);
    const settled = done.catch(() => undefined);
    if (engine === 'kafka') this.#kafka = settled;
    else this.#redis = settled;
    return done;
  }
}
