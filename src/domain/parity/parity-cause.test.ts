import { expect, test } from 'vitest';
import type { GapRecord } from '../gap/gap.ts';
import { type SideBar, sideNames } from './parity-bar.ts';
import { causeOf } from './parity-cause.ts';
import type { SideMinute } from './parity-minute.ts';
import type { TapedTick } from './parity-tape.ts';
import type { UnreadableBar } from './side-bars.ts';

const START = Date.parse('2024-01-02T10:00Z');

const bar = (change: Partial<SideBar> = {}): SideBar => ({
  start: START,
  open: 1.1,
  high: 1.3,
  low: 1.0,
  close: 1.2,
  volume: '5',
  n: 5,
  rev: 0,
  digest: '00000000000000aa',
  partial: false,
  place: null,
  ...change,
});
const side = (change: Partial<SideMinute> = {}): SideMinute => ({
  bar: bar(),
  empty: false,
  contradiction: null,
  unreadable: null,
  gaps: [],
  late: [],
  ticks: null,
  ...change,
});
const gap: GapRecord = {
  id: 'gap-1',
  service: 'mirror',
  instance: 'a',
  reason: 'disconnect',
  pattern: 'ticks.*',
  from: START,
  to: START + 5_000,
  status: 'open',
  filled: 0,
  symbols: { EURUSD: { after: START, before: START + 5_000 } },
};
const late = [{ ts: START + 1 }];
const ticks = Array.from(
  { length: 3 },
  (_, i): TapedTick => ({ ts: START + i, price: 1.1, volume: '1', place: `${i}` }),
);
const four = (change: Partial<SideBar> = {}): SideBar =>
  bar({ n: 4, volume: '4', digest: '00000000000000bb', ...change });

const tick = (at: number, price: number): TapedTick => ({ ts: START + at, price, volume: '1', place: `${at}` });
/** Five ticks from 1.1 to 1.2 between 1 and 1.3; the last two of one time. */
const tape = [tick(0, 1.1), tick(1, 1.3), tick(2, 1), tick(3, 1.15), tick(3, 1.2)];
const unreadable: UnreadableBar = {
  place: 'bars.EURUSD.1m/0@7',
  code: 'bar.not-json',
  reason: 'the bar is not a JSON object: x',
  start: START,
  after: null,
  before: null,
  prices: null,
};
const older = (change: Partial<SideBar> = {}): SideBar => bar({ n: null, digest: null, ...change });
const other = '00000000000000bb';

const causeWith = (incumbent: Partial<SideMinute>, candidate: Partial<SideMinute>, beyond: number | null = null) =>
  causeOf({
    symbol: 'EURUSD',
    start: START,
    names: sideNames(false),
    beyond,
    incumbent: side(incumbent),
    candidate: side(candidate),
  });

/** In each, the rule that is named and the one after it would both explain the difference. */
test.each`
  cause               | before             | incumbent                                 | candidate
  ${'unreadable bar'} | ${'doubled bar'}   | ${{ contradiction: bar({ close: 1.1 }) }} | ${{ bar: null, ticks, unreadable }}
  ${'doubled bar'}    | ${'missing bar'}   | ${{ contradiction: bar({ close: 1.1 }) }} | ${{ bar: null, ticks }}
  ${'missing bar'}    | ${'late tick'}     | ${{ bar: bar({ n: 1 }) }}                 | ${{ bar: null, ticks, late }}
  ${'late tick'}      | ${'gap'}           | ${{}}                                     | ${{ bar: four(), late, gaps: [gap] }}
  ${'gap'}            | ${'partial'}       | ${{}}                                     | ${{ bar: four({ partial: true }), gaps: [gap] }}
  ${'partial'}        | ${'missing ticks'} | ${{}}                                     | ${{ bar: four({ partial: true }) }}
  ${'missing ticks'}  | ${'altered ticks'} | ${{}}                                     | ${{ bar: four() }}
  ${'extra ticks'}    | ${'altered ticks'} | ${{ bar: four() }}                        | ${{}}
  ${'tie order'}      | ${'arithmetic'}    | ${{ ticks: tape }}                        | ${{ bar: bar({ close: 1.15 }) }}
  ${'arithmetic'}     | ${'unknown'}       | ${{}}                                     | ${{ bar: bar({ high: 1.4 }) }}
  ${'altered ticks'}  | ${'unknown'}       | ${{}}                                     | ${{ bar: bar({ high: 1.4, digest: other }) }}
`('$cause comes before $before', ({ cause, incumbent, candidate }) => {
  expect(causeWith(incumbent, candidate).cause).toBe(cause);
});

/** What each cause must not be taken for. */
test.each`
  why                                                                  | cause              | incumbent                                              | candidate
  ${'a gap of a side that has as many ticks lacks none'}               | ${'arithmetic'}    | ${{}}                                                  | ${{ bar: bar({ high: 1.4 }), gaps: [gap] }}
  ${'a gap of a side that has more ticks lacks none'}                  | ${'extra ticks'}   | ${{ bar: four() }}                                     | ${{ gaps: [gap] }}
  ${'of a side that does not say its ticks nobody knows'}              | ${'unknown'}       | ${{ bar: older({ volume: '6' }) }}                     | ${{ gaps: [gap] }}
  ${'the tapes know that it lacks one in the gap'}                     | ${'gap'}           | ${{ bar: older(), ticks: tape }}                       | ${{ bar: older({ volume: '4' }), ticks: tape.slice(1), gaps: [gap] }}
  ${'what it lacks came after the gap'}                                | ${'missing ticks'} | ${{ ticks: [...tape.slice(0, 4), tick(30_000, 1.2)] }} | ${{ bar: four(), ticks: tape.slice(0, 4), gaps: [gap] }}
  ${'the tape holds no tie where the bars differ'}                     | ${'arithmetic'}    | ${{ ticks: tape }}                                     | ${{ bar: bar({ open: 1.15 }) }}
  ${'the tied ticks have other prices'}                                | ${'arithmetic'}    | ${{ ticks: tape }}                                     | ${{ bar: bar({ close: 1.25 }) }}
  ${'without a tape nobody knows of a tie'}                            | ${'arithmetic'}    | ${{}}                                                  | ${{ bar: bar({ close: 1.15 }) }}
  ${'the tape accounts for an older bar too'}                          | ${'tie order'}     | ${{ bar: older({ close: 1.15 }) }}                     | ${{ ticks: tape }}
  ${'the tapes are equal, and one bar counts fewer'}                   | ${'arithmetic'}    | ${{ ticks: tape }}                                     | ${{ bar: four(), ticks: tape }}
  ${'the tapes are equal, and a bar does not say its ticks'}           | ${'arithmetic'}    | ${{ bar: older({ high: 1.4 }), ticks: tape }}          | ${{ ticks: tape }}
  ${'the tapes differ, and a bar does not say its ticks'}              | ${'missing ticks'} | ${{ bar: older(), ticks: tape }}                       | ${{ bar: four({ open: 1.3 }), ticks: tape.slice(1) }}
  ${'a bar is not what its own tape gives'}                            | ${'arithmetic'}    | ${{ bar: older() }}                                    | ${{ bar: bar({ high: 1.25 }), ticks: tape }}
  ${'values alone tell no ticks'}                                      | ${'unknown'}       | ${{ bar: older({ high: 1.4, volume: '6' }) }}          | ${{}}
  ${'without its tape a bar is missing, and no ticks are known to be'} | ${'missing bar'}   | ${{}}                                                  | ${{ bar: null }}
  ${'its tape holds none'}                                             | ${'missing ticks'} | ${{}}                                                  | ${{ bar: null, ticks: [] }}
`('$cause, since $why', ({ cause, incumbent, candidate }) => {
  expect(causeWith(incumbent, candidate).cause).toBe(cause);
});

test('what the limit left unread says so', () => {
  expect(causeWith({}, { bar: four() }, 500).evidence).toContain(
    'its ticks were not read, only those of the first 500 differing bars were',
  );
  expect(causeWith({}, { bar: four() }).evidence).not.toContain('were not read');
});
