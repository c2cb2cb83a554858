import { seededRandom } from '../../src/adapters/random/seeded.ts';
import type { Journal } from '../../src/ports/journal.ts';
import type { Random } from '../../src/ports/random.ts';
import { simulatedEntryStream } from './engines/entry-stream.ts';
import { KafkaServer } from './engines/kafka-server.ts';
import { simulatedLease } from './engines/lease.ts';
import { simulatedPubSub } from './engines/pub-sub.ts';
import { simulatedRecordLog } from './engines/record-log.ts';
import { RedisServer } from './engines/redis-server.ts';
import { SpoolDisk, simulatedSpool } from './engines/spool.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Life, Nature } from './life.ts';
import type { Published } from './oracle/evidence.ts';
import { SimulatedProcess } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { type Engines, makeCandidate, makeIncumbent, makeMirror, type Place, type Wiring } from './services.ts';
import type { Workload } from './workload.ts';

/** Where every simulation begins: 20 seconds before a full minute. */
export const START = Date.UTC(2026, 2, 2, 8, 14, 40);

const makers = { mirror: makeMirror, bars: makeIncumbent, candidate: makeCandidate };

/** Everything that one run consists of. */
export class World {
  readonly scheduler = new Scheduler();
  readonly nature: Nature;
  readonly redis: RedisServer;
  readonly kafka: KafkaServer;
  readonly processes: SimulatedProcess[] = [];
  readonly published: Published[] = [];
  readonly counts = new Map<FaultKind, number>();
  /** What services said, for whoever looks into a failure. */
  readonly events: string[] = [];
  readonly #disks = new Map<string, SpoolDisk>();
  readonly #workload: Workload;
  readonly #wiring: Wiring;
  readonly #random: Random;
  #guests = 0;
  #symbols = 0;

  constructor(seed: number, workload: Workload, wiring: Wiring) {
    this.#workload = workload;
    this.#wiring = wiring;
    const random = seededRandom(`simulation ${seed}`);
    this.#random = random.fork('new symbols');
    this.nature = { scheduler: this.scheduler, random: random.fork('nature'), start: START };
    this.redis = new RedisServer(this.nature);
    this.kafka = new KafkaServer(this.nature);
    this.kafka.maxBytes = workload.maxBytes;
    this.kafka.onAnswerLost = (half) => this.fired(half ? 'append half done' : 'append unanswered');
    this.kafka.onRefused = () => this.fired('refused topic');
    this.redis.onAnswerLost = () => this.fired('redis write unanswered');
    for (const name of ['mirror', 'standby'].slice(0, workload.mirrors)) this.#add(name, 'mirror');
    this.#add('bars', 'bars');
    for (let i = 1; i <= workload.candidates; i += 1) this.#add(`candidate-${i}`, 'candidate');
    for (const tick of workload.ticks)
      this.scheduler.at(tick.at, `publish ${tick.symbol}`, () => this.#publish(tick.symbol, tick.payload));
    this.processes.forEach((process, i) => {
      this.scheduler.at(this.#random.int(1_500) + i, `${process.name} starts`, () => process.start());
    });
  }

  process(name: string): SimulatedProcess | null {
    return this.processes.find((process) => process.name === name) ?? null;
  }

  disk(name: string): SpoolDisk {
    let disk = this.#disks.get(name);
    if (disk === undefined) {
      disk = new SpoolDisk();
      disk.onRefused = () => this.fired('disk full');
      this.#disks.set(name, disk);
    }
    return disk;
  }

  fired(kind: FaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.events.push(`${this.#time()} FAULT ${kind}`);
  }

  /** A symbol that nobody has seen before: so many ticks of it within so long (milliseconds). */
  publishNew(count: number, within: number): void {
    this.#symbols += 1;
    const symbol = `NEW${this.#symbols}`;
    for (let i = 0; i < count; i += 1)
      this.scheduler.after((within * i) / count, `publish ${symbol}`, () => {
        const cents = 5_000 + this.#random.int(500);
        this.#publish(symbol, `{"ts":${this.redis.now},"price":${cents / 100},"volume":${1 + i}}`);
      });
    this.fired('new symbol');
  }

  /** Symbols whose topics the log will not have beside one another: so many ticks of each, within so long (milliseconds). */
  publishColliding(count: number, within: number): void {
    for (const symbol of ['BRK.B', 'BRK_B'])
      for (let i = 0; i < count; i += 1)
        this.scheduler.after((within * i) / count, `publish ${symbol}`, () =>
          this.#publish(symbol, `{"ts":${this.redis.now},"price":${40 + this.#random.int(9)},"volume":${1 + i}}`),
        );
  }

  /** One more member of the candidate's group, for a while. */
  guest(lasts: number): void {
    this.#guests += 1;
    const guest = this.#add(`guest-${this.#guests}`, 'candidate');
    guest.start();
    const leave = (): void => (this.#random.int(2) === 0 ? guest.remove() : guest.stop(Number.POSITIVE_INFINITY));
    this.scheduler.after(lasts, `${guest.name} leaves`, leave);
  }

  /** From now on nothing fails. */
  calm(): void {
    const { redis, kafka } = this;
    redis.away = false;
    kafka.away = false;
    redis.goOn();
    kafka.goOn();
    redis.bufferLimit = Number.POSITIVE_INFINITY;
    for (const map of [redis.lag, redis.losesAnswers, kafka.losesAnswers]) map.clear();
    for (const disk of this.#disks.values()) disk.full = false;
    for (const { life } of this.processes) {
      life?.killIn(Number.POSITIVE_INFINITY);
      life?.resume();
    }
  }

  #add(name: string, service: Place['service']): SimulatedProcess {
    const { redis, kafka } = this;
    const process = new SimulatedProcess(name, this.nature, (life, run) =>
      makers[service]({
        place: { life, service, redis, kafka },
        run,
        given: this.#engines(life),
        setup: this.#workload,
        journal: this.#journal(life),
        wiring: this.#wiring,
      }),
    );
    process.onEnding = (ending) => {
      if (ending.how === 'killed') this.fired('kill');
      this.events.push(`${this.#time()} ${name} ${ending.how} ${ending.error ?? ''}`);
    };
    this.processes.push(process);
    return process;
  }

  #engines(life: Life): Engines {
    return {
      pubsub: simulatedPubSub(this.redis, life),
      streams: simulatedEntryStream(this.redis, life),
      log: simulatedRecordLog(this.kafka, life),
      lease: simulatedLease(this.redis, life),
      spool: simulatedSpool(this.disk(life.name), life),
    };
  }

  #publish(symbol: string, payload: string): void {
    const { redis } = this;
    // A publisher whose server is away does not publish.
    if (redis.away || redis.stalled !== null) return;
    const { streams, streamLead } = this.#workload;
    const channel = `ticks.${symbol}`;
    const bytes = Buffer.from(payload);
    const fields = { j: bytes, symbol };
    const append = (): void => {
      if (streams === 'all in one' || streams === 'both') redis.append({ stream: 'v2:ticks:l1', fields });
      if (streams === 'one a symbol' || streams === 'both') redis.append({ stream: `v2:ticks:${symbol}`, fields });
    };
    const publish = (): void => {
      redis.publish(channel, bytes);
      this.published.push({ symbol, payload, at: redis.now });
    };
    if (streamLead >= 0) append();
    else publish();
    const rest = streamLead >= 0 ? publish : append;
    if (streamLead === 0) rest();
    // What was begun is brought to its end, server restarts or not.
    else this.scheduler.after(Math.abs(streamLead), `publish ${symbol}, second half`, rest);
  }

  #journal(life: Life): Journal {
    return {
      event: (level, code, message, data) =>
        void this.events.push(`${this.#time()} ${life.name} ${level} ${code} ${message} ${JSON.stringify(data ?? {})}`),
    };
  }

  #time(): string {
    return (this.scheduler.now / 1000).toFixed(4).padStart(9);
  }
}
