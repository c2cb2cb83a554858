import { expect, test } from 'vitest';
import { type CalendarName, tradingCalendars } from '../calendar/trading-calendar.ts';
import {
  allowPromotion,
  defaultGateRule,
  type GateEntry,
  type GateState,
  gateOf,
  symbolGate,
  withPresence,
} from './gate.ts';

const tolerance = { pipSize: 0.0001, priceTicks: 1, volume: '1' };
const rule = { ...defaultGateRule, tolerance };

const entry = (session: string, counts: Partial<GateEntry> = {}): GateEntry => ({
  symbol: 'EURUSD',
  calendar: 'fx',
  session,
  expected: 1000,
  agreeing: 1000,
  bars: { incumbent: 1000, candidate: 1000 },
  tolerance,
  ...counts,
});

/** `good`, `99.9`, `99.8`, `no candidate`, `no ticks`, by date. */
function ledger(text: string): GateEntry[] {
  return text.split(', ').map((part) => {
    const [date, ...kind] = part.split(' ');
    const counts: Record<string, Partial<GateEntry>> = {
      good: {},
      '99.9': { agreeing: 999 },
      '99.8': { agreeing: 998 },
      'no candidate': { agreeing: 0, bars: { incumbent: 1000, candidate: 0 } },
      'no ticks': { expected: 0, agreeing: 0, bars: { incumbent: 0, candidate: 0 } },
    };
    return entry(`2014-05-${date}`, counts[kind.join(' ')]!);
  });
}

const gateAt = (entries: readonly GateEntry[], now: string | null = null, calendar: CalendarName = 'fx') =>
  symbolGate('EURUSD', tradingCalendars[calendar], entries, rule, now === null ? null : Date.parse(now));

test.each`
  ledger                                                        | run  | state
  ${'01 good, 02 good, 05 good, 06 good, 07 good'}              | ${5} | ${'passed'}
  ${'01 99.9, 02 99.9, 05 99.9, 06 99.9, 07 99.9'}              | ${5} | ${'passed'}
  ${'01 99.8, 02 good, 05 good, 06 good, 07 good, 08 good'}     | ${5} | ${'passed'}
  ${'01 good, 02 good, 05 good, 06 good'}                       | ${4} | ${'too few sessions'}
  ${'01 good, 02 good, 06 good, 07 good, 08 good'}              | ${3} | ${'too few sessions'}
  ${'01 good, 02 good, 05 no ticks, 06 good, 07 good, 08 good'} | ${3} | ${'too few sessions'}
  ${'01 good, 02 good, 05 good, 06 good, 07 99.8'}              | ${0} | ${'below threshold'}
  ${'01 good, 02 99.8, 05 good, 06 good, 07 good'}              | ${3} | ${'below threshold'}
  ${'01 good, 02 good, 05 good, 06 good, 07 no candidate'}      | ${0} | ${'side missing'}
  ${'01 good, 02 no candidate, 05 99.8, 06 good, 07 good'}      | ${2} | ${'below threshold'}
  ${'02 good, 05 good, 06 good, 07 good, 01 99.8, 01 good'}     | ${5} | ${'passed'}
`('$ledger: $state after $run', ({ ledger: text, run, state }) => {
  expect(gateAt(ledger(text))).toMatchObject({ run, state });
});

test('an empty ledger is too few sessions, for one symbol and for all', () => {
  expect(gateAt([])).toMatchObject({ state: 'too few sessions', run: 0, parity: null });
  expect(gateAt([], '2014-05-08T12:00Z')).toMatchObject({ state: 'too few sessions', run: 0 });
  expect(gateOf([])).toMatchObject({ state: 'too few sessions', exit: 3 });
});

test('sessions of another calendar or symbol do not count', () => {
  const good = ledger('01 good, 02 good, 05 good, 06 good, 07 good');
  expect(gateAt(good, null, '24x7').state).toBe('too few sessions');
  expect(gateAt(good.map((e) => ({ ...e, symbol: 'GBPUSD' }))).state).toBe('too few sessions');
});

test.each`
  now                    | state                 | why
  ${'2014-05-07T21:00Z'} | ${'passed'}           | ${'right after the last session'}
  ${'2014-05-08T21:30Z'} | ${'passed'}           | ${'one session has ended since, and may be under way'}
  ${'2014-05-09T21:30Z'} | ${'too few sessions'} | ${'two sessions ended since, and one was left out'}
  ${'2014-05-07T12:00Z'} | ${'passed'}           | ${'the last session was reconciled before its end'}
`('at $now the state is $state: $why', ({ now, state }) => {
  expect(gateAt(ledger('01 good, 02 good, 05 good, 06 good, 07 good'), now).state).toBe(state);
});

test('threshold and count can be set', () => {
  const entries = ledger('06 99.8, 07 99.8');
  const gate = symbolGate('EURUSD', tradingCalendars.fx, entries, { ...rule, threshold: 99.8, sessions: 2 }, null);
  expect(gate).toMatchObject({
    state: 'passed',
    run: 2,
    since: '2014-05-06',
    through: '2014-05-07',
    expected: 2000,
    agreeing: 1996,
    parity: 99.8,
  });
  expect(gate.lowerBound).toBeGreaterThan(99.5);
  expect(gate.lowerBound).toBeLessThan(99.8);
});

const inState = (symbol: string, state: GateState) => ({ ...gateAt([]), symbol, state });

test.each`
  states                                               | state                 | exit
  ${['passed', 'passed']}                              | ${'passed'}           | ${0}
  ${['passed', 'too few sessions']}                    | ${'too few sessions'} | ${3}
  ${['too few sessions', 'below threshold', 'passed']} | ${'below threshold'}  | ${2}
  ${['below threshold', 'side missing']}               | ${'side missing'}     | ${4}
`('$states together are $state, exit $exit', ({ states, state, exit }) => {
  const gate = gateOf(states.map((s: GateState, i: number) => inState(`S${9 - i}`, s)));
  expect(gate).toMatchObject({ state, exit });
  expect(gate.symbols.map((s) => s.symbol)).toEqual([...gate.symbols.map((s) => s.symbol)].sort());
});

test('promotion is refused before the gate has passed, unless it is forced with a reason', () => {
  const passed = gateOf([inState('EURUSD', 'passed')]);
  const below = gateOf([inState('EURUSD', 'below threshold')]);
  expect(() => allowPromotion(passed, null)).not.toThrow();
  expect(() => allowPromotion(below, 'the incumbent host is being retired')).not.toThrow();
  for (const forced of [null, '', '  '])
    expect(() => allowPromotion(below, forced)).toThrow(expect.objectContaining({ code: 'parity.promote.refused' }));
});

test.each`
  within                                  | state
  ${{ priceTicks: 1_000_000_000 }}        | ${'too few sessions'}
  ${{ volume: '1.000000000000000001' }}   | ${'too few sessions'}
  ${{ pipSize: 0.0002 }}                  | ${'too few sessions'}
  ${{ priceTicks: 0, volume: '0' }}       | ${'passed'}
  ${{ priceTicks: 10, pipSize: 0.00001 }} | ${'passed'}
`('sessions reconciled within $within come to: $state', ({ within, state }) => {
  const entries = ledger('01 good, 02 good, 05 good, 06 good, 07 good').map((e) => ({
    ...e,
    tolerance: { ...tolerance, ...within },
  }));
  expect(gateAt(entries).state).toBe(state);
  if (state !== 'passed') expect(gateAt(entries).broken).toEqual({ session: '2014-05-07', why: 'wider tolerance' });
});

test.each`
  empty           | run  | since           | why
  ${'2013-12-25'} | ${5} | ${'2013-12-20'} | ${'a holiday without ticks neither counts nor breaks the run'}
  ${'none'}       | ${5} | ${'2013-12-23'} | ${'a holiday with ticks counts like any other day'}
  ${'2013-12-24'} | ${3} | ${'2013-12-25'} | ${'any other session without ticks breaks it'}
`('$why', ({ empty, run, since }) => {
  const dates = ['2013-12-20', '2013-12-23', '2013-12-24', '2013-12-25', '2013-12-26', '2013-12-27'];
  const none = { expected: 0, agreeing: 0, bars: { incumbent: 0, candidate: 0 } };
  const gate = gateAt(dates.map((date) => entry(date, date === empty ? none : {})));
  expect(gate).toMatchObject({ run, since });
});

test('a holiday that was never reconciled breaks the run', () => {
  const dates = ['2013-12-20', '2013-12-23', '2013-12-24', '2013-12-26', '2013-12-27'];
  expect(gateAt(dates.map((date) => entry(date)))).toMatchObject({
    run: 2,
    broken: { session: '2013-12-25', why: 'not reconciled' },
  });
});

test('a symbol that a side has no bars of misses a side, whatever its sessions were', () => {
  const passed = inState('EURUSD', 'passed');
  expect(withPresence(passed, ['incumbent', 'candidate'])).toMatchObject({ state: 'passed', absent: [] });
  expect(withPresence(passed, ['incumbent'])).toMatchObject({ state: 'side missing', absent: ['candidate'] });
  expect(gateOf([withPresence(passed, ['candidate'])]).exit).toBe(4);
});

test('a refusal names the symbols that stand in the way', () => {
  const gate = gateOf([inState('EURUSD', 'passed'), inState('GBPUSD', 'too few sessions')]);
  expect(() => allowPromotion(gate, null)).toThrow('too few sessions (GBPUSD)');
});

/** Sessions of so many bars, all of which agree but `differing` of the first. */
const sessionsOf = (bars: readonly number[], differing = 0): GateEntry[] =>
  bars.map((expected, i) => {
    const { date } = tradingCalendars['24x7'].session(`2014-05-${String(i + 1).padStart(2, '0')}`)!;
    const agreeing = expected - (i === 0 ? differing : 0);
    return entry(date, { calendar: '24x7', expected, agreeing, bars: { incumbent: expected, candidate: expected } });
  });
const times = (count: number, bars: number): number[] => Array.from({ length: count }, () => bars);

test.each`
  what                                          | bars                                | run   | state                    | moreBars
  ${'5 sessions of one bar'}                    | ${times(5, 1)}                      | ${0}  | ${'too little evidence'} | ${1_000}
  ${'5 sessions of which one has 29 bars'}      | ${[1_440, 1_440, 29, 1_440, 1_440]} | ${2}  | ${'too little evidence'} | ${0}
  ${'5 sessions of 199 bars'}                   | ${times(5, 199)}                    | ${5}  | ${'too little evidence'} | ${5}
  ${'5 sessions of 200 bars'}                   | ${times(5, 200)}                    | ${5}  | ${'passed'}              | ${0}
  ${'19 sessions of a symbol that has 50 bars'} | ${times(19, 50)}                    | ${19} | ${'too little evidence'} | ${50}
  ${'20 sessions of a symbol that has 50 bars'} | ${times(20, 50)}                    | ${20} | ${'passed'}              | ${0}
  ${'no more than needed of 10 full ones'}      | ${times(10, 1_440)}                 | ${5}  | ${'passed'}              | ${0}
`('$what come to: $state', ({ bars, run, state, moreBars }) => {
  expect(gateAt(sessionsOf(bars), null, '24x7')).toMatchObject({ state, run, moreBars });
});

test('what the least is can be set', () => {
  const entries = sessionsOf(times(5, 10));
  const least = { ...rule, minSessionBars: 10, minRunBars: 50 };
  expect(symbolGate('EURUSD', tradingCalendars['24x7'], entries, least, null).state).toBe('passed');
});

test('too few bars that differ are below the threshold, and no want of evidence', () => {
  expect(gateAt(sessionsOf([1_440, 1_440, 1_440, 1_440, 1])).state).toBe('too few sessions');
  const bad = sessionsOf([10], 1);
  expect(gateAt(bad, null, '24x7')).toMatchObject({ state: 'below threshold', run: 0 });
});

test.each`
  what                                               | bars                           | differing | state                    | moreBars
  ${'2,990 bars'}                                    | ${times(5, 598)}               | ${0}      | ${'too little evidence'} | ${5}
  ${'2,995 bars'}                                    | ${times(5, 599)}               | ${0}      | ${'passed'}              | ${0}
  ${'4,500 bars of which one differs'}               | ${[1_000, ...times(4, 875)]}   | ${1}      | ${'too little evidence'} | ${242}
  ${'5,000 bars of which one differs'}               | ${times(5, 1_000)}             | ${1}      | ${'passed'}              | ${0}
  ${'so many sessions that the newest prove enough'} | ${[1_000, ...times(6, 1_440)]} | ${1}      | ${'passed'}              | ${0}
`('where the bound itself must reach 99.9 %, $what come to: $state', ({ bars, differing, state, moreBars }) => {
  const entries = sessionsOf(bars, differing);
  const proven = { ...rule, proven: true };
  const gate = symbolGate('EURUSD', tradingCalendars['24x7'], entries, proven, null);
  expect(gate).toMatchObject({ state, moreBars, proven: true });
  if (state === 'passed') expect(gate.lowerBound).toBeGreaterThanOrEqual(99.9);
  else expect(gateAt(entries, null, '24x7').state).toBe('passed');
});
