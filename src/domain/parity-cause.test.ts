import { expect, test } from 'vitest';
import type { GapRecord } from './gap.ts';
import { type SideBar, sideNames } from './parity-bar.ts';
import { causeOf, type SideMinute } from './parity-cause.ts';
import type { TapedTick } from './parity-tape.ts';

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

/** In each, the rule that is named and the one after it would both explain the difference. */
test.each`
  cause              | before             | incumbent                                 | candidate
  ${'doubled bar'}   | ${'missing bar'}   | ${{ contradiction: bar({ close: 1.1 }) }} | ${{ bar: null, ticks }}
  ${'missing bar'}   | ${'late tick'}     | ${{ bar: bar({ n: 1 }) }}                 | ${{ bar: null, ticks, late }}
  ${'late tick'}     | ${'gap'}           | ${{}}                                     | ${{ bar: four(), late, gaps: [gap] }}
  ${'gap'}           | ${'partial'}       | ${{}}                                     | ${{ bar: four({ partial: true }), gaps: [gap] }}
  ${'partial'}       | ${'missing ticks'} | ${{}}                                     | ${{ bar: four({ partial: true }) }}
  ${'missing ticks'} | ${'altered ticks'} | ${{}}                                     | ${{ bar: four() }}
  ${'extra ticks'}   | ${'altered ticks'} | ${{ bar: four() }}                        | ${{}}
  ${'tie order'}     | ${'by values'}     | ${{}}                                     | ${{ bar: bar({ close: 1.1 }) }}
  ${'arithmetic'}    | ${'by values'}     | ${{}}                                     | ${{ bar: bar({ high: 1.4 }) }}
  ${'altered ticks'} | ${'by values'}     | ${{}}                                     | ${{ bar: bar({ high: 1.4, digest: '00000000000000bb' }) }}
`('$cause comes before $before', ({ cause, incumbent, candidate }) => {
  const minute = {
    symbol: 'EURUSD',
    start: START,
    names: sideNames(false),
    incumbent: side(incumbent),
    candidate: side(candidate),
  };
  expect(causeOf(minute).cause).toBe(cause);
});
