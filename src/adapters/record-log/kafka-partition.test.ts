import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Append, type Batch, type Outgoing, PartitionQueue } from './kafka-partition.ts';

const append: Append = { deadline: 0, settle: () => undefined, settleOne: () => undefined };
const record = (id: number): Outgoing => ({
  key: null,
  value: null,
  headers: [],
  timestamp: id,
  body: 450_000,
  append,
});
const ids = (records: readonly Outgoing[]): number[] => records.map(({ timestamp }) => timestamp);

interface Request {
  readonly epoch: number;
  readonly sequence: number;
  readonly ids: readonly number[];
}

/** How a broker treats an idempotent producer in one partition. */
class Broker {
  readonly log: number[] = [];
  /** It refuses this record, whatever it stands with. */
  readonly spoiled: ReadonlySet<number>;
  #epoch = -1;
  #next = 0;
  #recent: Request[] = [];

  constructor(spoiled: ReadonlySet<number>) {
    this.spoiled = spoiled;
  }

  take(request: Request): 'ok' | 'spoiled' | 'out of sequence' {
    if (request.ids.some((id) => this.spoiled.has(id))) return 'spoiled';
    if (request.epoch < this.#epoch) return 'out of sequence';
    if (request.epoch > this.#epoch) {
      if (this.#epoch >= 0 && request.sequence !== 0) return 'out of sequence';
    } else {
      if (
        this.#recent.some(
          ({ sequence, ids: known }) => sequence === request.sequence && known.length === request.ids.length,
        )
      )
        return 'ok';
      if (request.sequence !== this.#next) return 'out of sequence';
    }
    if (request.epoch > this.#epoch) this.#recent = [];
    this.#epoch = request.epoch;
    this.#next = request.sequence + request.ids.length;
    this.#recent = [...this.#recent, request].slice(-5);
    this.log.push(...request.ids);
    return 'ok';
  }
}

/** A producer of one partition, a broker, and a network that loses answers and delivers late. */
class Simulation {
  readonly broker: Broker;
  readonly queue = new PartitionQueue('ticks.EURUSD', 0);
  pushed = 0;
  readonly dropped = new Set<number>();
  #connection: { batch: Batch; request: Request }[] = [];
  /** Sent on a connection that is gone, and perhaps still on their way. */
  #stray: Request[] = [];

  constructor(spoiled: ReadonlySet<number>) {
    this.broker = new Broker(spoiled);
    this.queue.producerId = 1n;
  }

  push(count: number): void {
    for (let i = 0; i < count; i += 1) this.queue.push(record(this.pushed++));
  }

  send(): boolean {
    const batch = this.queue.take(0);
    if (batch === null) return false;
    this.#connection.push({
      batch,
      request: { epoch: this.queue.epoch, sequence: batch.sequence, ids: ids(batch.records) },
    });
    return true;
  }

  /** The broker takes the next request; the client hears of it, or of a broken connection. */
  answer(heard: boolean): boolean {
    const next = this.#connection.shift();
    if (next === undefined) return false;
    const verdict = this.broker.take(next.request);
    if (heard) this.#hear(next.batch, verdict);
    else {
      this.#lost(next.batch);
      this.breakConnection();
    }
    return true;
  }

  /** The broker takes all that was sent, and the connection breaks before it has answered. */
  answerNothing(): void {
    for (const { batch, request } of this.#connection) {
      this.broker.take(request);
      this.#lost(batch);
    }
    this.#connection = [];
  }

  /** The broker answers that it is not ready, or that the replicas took too long; in that case it has the records. */
  fail(kept: boolean): void {
    const next = this.#connection.shift();
    if (next === undefined) return;
    const verdict = kept ? this.broker.take(next.request) : 'not ready';
    if (kept && verdict !== 'ok') this.#hear(next.batch, verdict as 'spoiled');
    else if (this.queue.holds(next.batch)) this.queue.fail(next.batch, kept);
  }

  breakConnection(): void {
    for (const { batch, request } of this.#connection) {
      this.#stray.push(request);
      this.#lost(batch);
    }
    this.#connection = [];
  }

  deliverStray(): void {
    const request = this.#stray.shift();
    if (request !== undefined) this.broker.take(request);
  }

  drop(): void {
    for (const id of ids(this.queue.drop())) this.dropped.add(id);
  }

  settle(): void {
    for (let i = 0; i < 10_000 && !this.queue.idle; i += 1) if (!this.send()) this.answer(true);
  }

  #lost(batch: Batch): void {
    if (this.queue.holds(batch)) this.queue.fail(batch, true);
  }

  #hear(batch: Batch, verdict: ReturnType<Broker['take']>): void {
    if (!this.queue.holds(batch)) return;
    const { records } = batch;
    if (verdict === 'ok') this.queue.done(batch);
    else if (verdict === 'spoiled')
      this.queue.refuse(batch, records.length === 1 ? [] : [records.slice(0, 1), records.slice(1)]);
    else if (!this.queue.isHead(batch)) this.queue.fail(batch, false);
    else if (batch.ambiguous) this.drop();
    else this.queue.refuse(batch, [records]);
  }
}

const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 10, arbitrary: fc.constant('send' as const) },
  { weight: 6, arbitrary: fc.constant('answer' as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('lose', 'lose all', 'break', 'stray', 'stray', 'not ready', 'timed out', 'drop'),
  },
);

function run(events: readonly (string | { push: number })[], spoiled: ReadonlySet<number>): Simulation {
  const simulation = new Simulation(spoiled);
  for (const step of events) {
    if (typeof step === 'object') simulation.push(step.push);
    else if (step === 'send') simulation.send();
    else if (step === 'answer') simulation.answer(true);
    else if (step === 'lose') simulation.answer(false);
    else if (step === 'lose all') simulation.answerNothing();
    else if (step === 'not ready') simulation.fail(false);
    else if (step === 'timed out') simulation.fail(true);
    else if (step === 'break') simulation.breakConnection();
    else if (step === 'stray') simulation.deliverStray();
    else simulation.drop();
  }
  simulation.settle();
  for (let i = 0; i < 100; i += 1) simulation.deliverStray();
  return simulation;
}

const events = fc.array(event, { minLength: 10, maxLength: 150, size: 'max' });
const spoiled = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }).map((list) => new Set(list));

describe('PartitionQueue', () => {
  test('brings every record into the log once, in order, through lost answers, late requests and refusals', () => {
    fc.assert(
      fc.property(
        events.map((list) => list.filter((step) => step !== 'drop')),
        spoiled,
        (steps, refused) => {
          const { broker, pushed, dropped, queue } = run(steps, refused);
          expect(queue.idle).toBe(true);
          expect(dropped.size).toBe(0);
          expect(broker.log).toEqual(Array.from({ length: pushed }, (_, id) => id).filter((id) => !refused.has(id)));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('after it gave up, what was given up comes at most once and never after what was sent later', () => {
    fc.assert(
      fc.property(events, spoiled, (steps, refused) => {
        const { broker, pushed, dropped } = run(steps, refused);
        expect(broker.log).toEqual([...new Set(broker.log)].sort((a, b) => a - b));
        const kept = Array.from({ length: pushed }, (_, id) => id).filter((id) => !refused.has(id) && !dropped.has(id));
        expect(broker.log.filter((id) => !dropped.has(id))).toEqual(kept);
      }),
      { numRuns: 3000 },
    );
  });

  test('keeps a batch below the limit of a topic, and a record above it alone', () => {
    const queue = new PartitionQueue('ticks.EURUSD', 0);
    queue.producerId = 1n;
    for (const body of [400_000, 400_000, 400_000, 2_000_000, 10]) queue.push({ ...record(body), body });
    const batches: number[][] = [];
    for (let batch = queue.take(0); batch !== null; batch = queue.take(0)) {
      batches.push(ids(batch.records));
      queue.done(batch);
    }
    expect(batches).toEqual([[400_000, 400_000], [400_000], [2_000_000], [10]]);
  });

  test('never forgets that a batch may be in the log, whatever a later attempt says', () => {
    const queue = new PartitionQueue('ticks.EURUSD', 0);
    queue.producerId = 1n;
    queue.push(record(0));
    const batch = queue.take(0)!;
    queue.fail(batch, true);
    expect(queue.take(0)).toBe(batch);
    queue.fail(batch, false);
    expect(batch.ambiguous).toBe(true);
  });

  test('takes a new producer id when its epochs are used up', () => {
    const queue = new PartitionQueue('ticks.EURUSD', 0);
    queue.producerId = 1n;
    queue.epoch = 32_767;
    queue.push(record(0));
    queue.take(0);
    queue.drop();
    queue.push(record(1));
    expect([queue.producerId, queue.epoch, queue.take(0)]).toEqual([null, 0, null]);
  });
});
