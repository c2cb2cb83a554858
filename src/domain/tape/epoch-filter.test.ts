import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochHeaders, epochOf, followsOf, REPLAYED } from './epoch.ts';
import { EpochFilter, type EpochRecord, type EpochState, MOST_REPEATS, SEARCHED } from './epoch-filter.ts';

interface Written {
  readonly epoch: number;
  readonly payload: string;
  readonly follows?: number;
}

const record = ({ epoch, payload, follows }: Written, offset: number): EpochRecord => ({
  partition: 0,
  offset,
  value: Buffer.from(payload),
  // Epoch 0: a mirror that knows no lease.
  headers: new Map(
    epoch === 0
      ? []
      : epochHeaders(epoch, follows === undefined ? null : new Map([[0, follows]])).map(([name, text]) => [
          name,
          Buffer.from(text),
        ]),
  ),
});

type Defect =
  | 'takes what is older'
  | 'never looks back'
  | 'forgets what it left out'
  | 'forgets what it awaits'
  | 'awaits too much';

/** A reader, as each of Pulse's works. `restarts`: before these offsets it starts again from its written state. */
function read(log: readonly EpochRecord[], restarts: ReadonlySet<number> = new Set(), defect?: Defect): string[] {
  let filter = new EpochFilter();
  const taken: string[] = [];
  for (const [at, each] of log.entries()) {
    if (restarts.has(at)) {
      const { out, repeats, ...state } = JSON.parse(JSON.stringify(filter.state() ?? { epoch: -1 })) as EpochState;
      filter = new EpochFilter({
        ...state,
        ...(defect !== 'forgets what it left out' && out && { out }),
        ...(defect !== 'forgets what it awaits' && repeats && { repeats }),
      });
    }
    const known = filter.lookBack(each);
    const from = defect === 'awaits too much' ? 0 : (known?.from ?? at);
    if (known !== null) filter.begin(each, defect === 'never looks back' ? [] : log.slice(from, known.to));
    if (filter.takes(each) || (defect === 'takes what is older' && epochOf(each.headers)! < filter.epoch))
      taken.push(each.value!.toString());
  }
  return taken;
}

/** Log lines such as `1:a 1:b 2:c<1`: epoch, payload, and of an epoch's first record up to where its holder knew the log. */
const logOf = (text: string): EpochRecord[] =>
  text.split(' ').map((line, offset) => {
    const [, epoch, payload, follows] = /^(\d+):(\w+)(?:<(\d+))?$/.exec(line)!;
    return record(
      { epoch: Number(epoch), payload: payload!, ...(follows !== undefined && { follows: Number(follows) }) },
      offset,
    );
  });

test.each`
  what                                                    | log                                              | taken
  ${'nothing arrives late'}                               | ${'1:a 1:b 2:c<2 2:d'}                           | ${'a b c d'}
  ${'the old holder is late, before the new one begins'}  | ${'1:a 1:b 1:c 2:b<1 2:c 2:d'}                   | ${'a b c d'}
  ${'the old holder is late, after the new one began'}    | ${'1:a 2:b<1 1:b 1:c 2:c 2:d'}                   | ${'a b c d'}
  ${'the old holder is late on both sides'}               | ${'1:a 1:b 2:b<1 1:c 2:c 1:d 2:d 2:e'}           | ${'a b c d e'}
  ${'the old holder is far behind'}                       | ${'1:a 1:b 2:b<1 2:c 2:d 1:c'}                   | ${'a b c d'}
  ${'payloads are equal in a row'}                        | ${'1:a 1:a 1:a 2:a<1 2:a 2:a 2:b'}               | ${'a a a a b'}
  ${'the new holder starts again before it repeats all'}  | ${'1:a 1:b 1:c 2:b<1 3:d<4'}                     | ${'a b c d'}
  ${'the new holder starts again, and does not know'}     | ${'1:a 1:b 1:c 2:b<1 3:b<1 3:c 3:d'}             | ${'a b c d'}
  ${'a third holder looked while the second repeated'}    | ${'1:a 1:b 1:c 1:d 2:b<1 2:c 2:d 2:e 3:e<5 3:f'} | ${'a b c d e f'}
  ${'the second holder begins after the third'}           | ${'1:a 3:b<1 2:b<1 3:c'}                         | ${'a b c'}
  ${'epochs in between wrote nothing'}                    | ${'1:a 1:b 9:b<1 9:c'}                           | ${'a b c'}
  ${'a mirror without leases is late'}                    | ${'0:a 0:b 1:b<1 0:c 1:c'}                       | ${'a b c'}
  ${'what was lost is filled in before the repeats'}      | ${'1:a 1:d 1:e 2:b<1 2:c 2:d 2:e 2:f'}           | ${'a d e b c f'}
  ${'what is filled in equals a repeat'}                  | ${'1:a 1:c 1:b 2:b<1 2:c 2:b 2:d'}               | ${'a c b b d'}
  ${'the topic was not there when the new holder looked'} | ${'1:a 1:b 2:a<0 2:b 2:c'}                       | ${'a b c'}
  ${'an equal tick comes after the repeat'}               | ${'1:a 1:b 2:b<1 2:b 2:b'}                       | ${'a b b b'}
`('where $what, each tick counts once', ({ log, taken }) => {
  expect(read(logOf(log)).join(' ')).toBe(taken);
});

test('what an operator sent counts, whatever the epoch, and is nobody’s late record', () => {
  const sent: EpochRecord = {
    ...record({ epoch: 0, payload: 'x' }, 1),
    headers: new Map([[REPLAYED, Buffer.from('t/0@1')]]),
  };
  const log = [record({ epoch: 2, payload: 'a' }, 0), sent, record({ epoch: 3, payload: 'x', follows: 1 }, 2)];
  expect(read(log)).toEqual(['a', 'x', 'x']);
});

test('a reader that begins in the middle looks back all the same', () => {
  const log = logOf('1:a 1:b 2:b<1 1:c 2:c 2:d 3:c<4 3:d 3:e');
  expect(read(log)).toEqual(['a', 'b', 'c', 'd', 'e']);
  const filter = new EpochFilter();
  expect(filter.lookBack(log[6]!)).toEqual({ from: 4, to: 6 });
  filter.begin(log[6]!, log.slice(4, 6));
  expect(
    log
      .slice(6)
      .filter((each) => filter.takes(each))
      .map(({ value }) => value!.toString()),
  ).toEqual(['e']);
});

test('where a look back is due, nothing is taken without it', () => {
  expect(() => new EpochFilter().takes(logOf('1:a 2:b<0')[1]!)).toThrow('look back first');
});

describe('is bounded', () => {
  const ticks = (epoch: number, from: number, count: number, offset: number): EpochRecord[] =>
    Array.from({ length: count }, (_, i) => record({ epoch, payload: `tick ${from + i}` }, offset + i));

  test('in what it awaits: the rest is told', () => {
    const late = ticks(1, 0, MOST_REPEATS + 3, 0);
    const begin = record({ epoch: 2, payload: 'tick 0', follows: 0 }, late.length);
    const filter = new EpochFilter();
    expect(filter.lookBack(begin)).toEqual({ from: 0, to: MOST_REPEATS });
    filter.begin(begin, late.slice(0, MOST_REPEATS));
    expect(filter.counts.beyond).toBe(3);
    expect(JSON.stringify(filter.state()).length).toBeLessThan(17 * MOST_REPEATS);
  });

  test('in how long it awaits: a tick that was never received again hides no later one', () => {
    const filter = new EpochFilter();
    const begin = record({ epoch: 2, payload: 'other', follows: 0 }, 1);
    filter.begin(begin, ticks(1, 7, 1, 0));
    for (const each of [begin, ...ticks(2, 100, SEARCHED - 1, 2)]) expect(filter.takes(each)).toBe(true);
    expect(filter.takes(ticks(2, 7, 1, 2 + SEARCHED)[0]!)).toBe(true);
    expect(filter.counts).toEqual({ older: 0, repeated: 0, unrepeated: 1, beyond: 0 });
  });

  test('in what it keeps in mind: nothing of it stays once all is level', () => {
    const filter = new EpochFilter();
    const log = logOf('1:a 1:b 2:b<1 1:c 2:c');
    filter.takes(log[0]!);
    filter.takes(log[1]!);
    filter.begin(log[2]!, log.slice(1, 2));
    for (const each of log.slice(2)) filter.takes(each);
    expect(filter.state()).toEqual({ epoch: 2, out: [[2, 4]] });
    const next = record({ epoch: 3, payload: 'd', follows: 5 }, 5);
    expect(filter.lookBack(next)).toBeNull();
    expect(filter.takes(next)).toBe(true);
    expect(filter.state()).toEqual({ epoch: 3 });
  });
});

test.each`
  epoch             | replayed | read
  ${'7'}            | ${false} | ${7}
  ${'007'}          | ${false} | ${7}
  ${undefined}      | ${false} | ${0}
  ${''}             | ${false} | ${0}
  ${'-1'}           | ${false} | ${0}
  ${'1e3'}          | ${false} | ${0}
  ${'9'.repeat(16)} | ${false} | ${0}
  ${'7'}            | ${true}  | ${null}
`('the header epoch $epoch (replayed: $replayed) reads as $read', ({ epoch, replayed, read: expected }) => {
  const headers = new Map<string, Buffer>();
  if (epoch !== undefined) headers.set('epoch', Buffer.from(epoch as string));
  if (replayed === true) headers.set(REPLAYED, Buffer.from('ticks.rejected/0@1'));
  expect(epochOf(headers)).toBe(expected);
});

test.each`
  follows             | offset
  ${undefined}        | ${null}
  ${'{"0":3,"1":12}'} | ${12}
  ${'{"0":3}'}        | ${0}
  ${'{}'}             | ${0}
  ${'{"1":-4}'}       | ${0}
  ${'{"1":"12"}'}     | ${null}
  ${'12'}             | ${null}
  ${'[1,2]'}          | ${null}
  ${'{'}              | ${null}
`('of partition 1 the header follows $follows says $offset', ({ follows, offset }) => {
  const headers = new Map(follows === undefined ? [] : [['follows', Buffer.from(follows as string)]]);
  expect(followsOf(headers, 1)).toBe(offset);
});

/*
 * The model. It knows of each record which tick of the published tape it is, by number, and so needs no rule to tell what a holder knows.
 * A history is a list of steps; what was not sent or did not arrive when it ends, does at the end, in the order of the epochs or against it.
 */

type Step =
  | { readonly does: 'publish'; readonly payload: number }
  /** A holder, the newest or one that does not know yet that it is none, sends; appends are under way until they land. */
  | { readonly does: 'send'; readonly back: number; readonly count: number }
  | { readonly does: 'land'; readonly back: number; readonly count: number }
  /** The newest one does not receive the next ticks: another fills them in. */
  | { readonly does: 'miss'; readonly count: number }
  | { readonly does: 'take-over' };

interface Holder {
  readonly epoch: number;
  readonly follows: number;
  readonly known: ReadonlySet<number>;
  readonly missed: Set<number>;
  next: number;
  readonly flight: number[];
  begun: boolean;
}

interface History {
  readonly steps: readonly Step[];
  readonly first: number;
  readonly lateFirst: boolean;
}

function play({ steps, first, lateFirst }: History): { tape: string[]; log: EpochRecord[] } {
  const tape: string[] = [];
  const log: (Written & { tick: number })[] = [];
  const holders: Holder[] = [];
  const takeOver = (): void => {
    const known = new Set<number>();
    let newest = -1;
    for (const { epoch, tick } of log) {
      newest = Math.max(newest, epoch);
      if (epoch === newest) known.add(tick);
    }
    const epoch = first + holders.length;
    holders.push({ epoch, follows: log.length, known, missed: new Set(), next: 0, flight: [], begun: false });
  };
  const send = (holder: Holder, count: number): void => {
    for (let sent = 0; holder.next < tape.length && sent < count; holder.next += 1) {
      if (holder.known.has(holder.next) || holder.missed.has(holder.next)) continue;
      holder.flight.push(holder.next);
      sent += 1;
    }
  };
  const land = (holder: Holder, count: number): void => {
    for (const tick of holder.flight.splice(0, count)) {
      const { epoch, follows } = holder;
      log.push({ epoch, payload: tape[tick]!, tick, ...(!holder.begun && { follows }) });
      holder.begun = true;
    }
  };
  takeOver();
  for (const step of steps) {
    if (step.does === 'publish') tape.push(`${step.payload}`);
    else if (step.does === 'take-over') takeOver();
    else if (step.does === 'miss') for (let i = 0; i < step.count; i += 1) holders.at(-1)!.missed.add(tape.length + i);
    else {
      const holder = holders.at(-1 - (step.back % holders.length))!;
      if (step.does === 'send') send(holder, step.count);
      else land(holder, step.count);
    }
  }
  // Whoever holds the lease at last has received everything, or fills it in.
  takeOver();
  send(holders.at(-1)!, tape.length);
  for (const holder of lateFirst ? holders : holders.toReversed()) land(holder, tape.length);
  return { tape, log: log.map(record) };
}

const LETTERS = 3;
/** `letters`: from how many payloads the tape is made; few make equal ones in a row. */
const history = (letters: number | null, holders: number, misses: boolean): fc.Arbitrary<History> => {
  const count = fc.integer({ min: 1, max: 6 });
  const back = fc.integer({ min: 0, max: 2 });
  const publish = fc
    .integer({ min: 0, max: (letters ?? 1) - 1 })
    .map((payload): Step => ({ does: 'publish', payload }));
  const step = fc.oneof(
    { weight: 6, arbitrary: publish },
    { weight: 4, arbitrary: fc.record({ does: fc.constant('send' as const), back, count }) },
    { weight: 4, arbitrary: fc.record({ does: fc.constant('land' as const), back, count }) },
    { weight: 1, arbitrary: fc.constant<Step>({ does: 'take-over' }) },
    ...(misses ? [{ weight: 1, arbitrary: fc.record({ does: fc.constant('miss' as const), count }) }] : []),
  );
  const limited = (steps: readonly Step[]): Step[] => {
    let left = holders - 2;
    let number = 0;
    return steps.flatMap((each): Step[] => {
      if (each.does === 'publish') return [letters === null ? { ...each, payload: number++ } : each];
      if (each.does !== 'take-over') return [each];
      left -= 1;
      return left >= 0 ? [each] : [];
    });
  };
  return fc.record({
    steps: fc.array(step, { minLength: 5, maxLength: 80, size: 'max' }).map(limited),
    first: fc.integer({ min: 0, max: 3 }),
    lateFirst: fc.boolean(),
  });
};

const restarts = fc.array(fc.nat({ max: 120 }), { maxLength: 6 }).map((offsets) => new Set(offsets));
const RUNS = { numRuns: 3_000 };

describe('over any history', () => {
  test.each([2, 3, 5])('of %i holders, a reader takes the published tape, tick by tick', (holders) => {
    fc.assert(
      fc.property(history(LETTERS, holders, false), restarts, (each, stops) => {
        const { tape, log } = play(each);
        expect(read(log, stops)).toEqual(tape);
      }),
      RUNS,
    );
  });

  test('with ticks that a holder did not receive and the next one fills in, a reader takes each once', () => {
    fc.assert(
      fc.property(history(null, 4, true), restarts, (each, stops) => {
        const { tape, log } = play(each);
        expect(read(log, stops).toSorted()).toEqual(tape.toSorted());
      }),
      RUNS,
    );
  });

  test('with ticks that are filled in and equal to others, a reader takes as many of each as were published', () => {
    fc.assert(
      fc.property(history(LETTERS, 2, true), restarts, (each, stops) => {
        const { tape, log } = play(each);
        expect(read(log, stops).toSorted()).toEqual(tape.toSorted());
      }),
      RUNS,
    );
  });

  test.each<Defect>([
    'takes what is older',
    'never looks back',
    'forgets what it left out',
    'forgets what it awaits',
    'awaits too much',
  ])('a reader that %s is found out', (defect) => {
    const found = fc.check(
      fc.property(history(LETTERS, 4, false), restarts, (each, stops) => {
        const { tape, log } = play(each);
        expect(read(log, stops, defect)).toEqual(tape);
      }),
      { ...RUNS, seed: 11 },
    );
    expect(found.failed).toBe(true);
  });
});
