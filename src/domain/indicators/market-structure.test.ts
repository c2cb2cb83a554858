import { describe, expect, test } from 'vitest';
import { pricePath } from '../../../test/support/price-path.ts';
import { readings } from './detector.ts';
import { marketStructure } from './market-structure.ts';

const minutes = (path: string) => new Map(pricePath(path).map(({ start }, at) => [start, at]));
const read = (path: string, strength = 1) => readings(marketStructure({ strength }), pricePath(path));

/** Events as `bos up 12 (2) at 6`: what, which way, the level, its bar, the bar that broke it. */
const events = (path: string, strength?: number) => {
  const at = minutes(path);
  return read(path, strength).flatMap(({ event }) =>
    event === null
      ? []
      : [`${event.kind} ${event.direction} ${event.level} (${at.get(event.swing_start)}) at ${at.get(event.start)}`],
  );
};

/** To 12, back to 11, on to 14, back to 13 and up: a swing high at 12, a swing low at 11. */
const rise = '10 11 12 11.5 11 12 13 14 13.5';

describe('breaks of structure and changes of character', () => {
  test.each`
    chart                                              | path                                         | events
    ${'a rise that closes above its swing high'}       | ${rise}                                      | ${['bos up 12 (2) at 6']}
    ${'a rise that goes on above the next swing high'} | ${`${rise} 13 14 15`}                        | ${['bos up 12 (2) at 6', 'bos up 14 (7) at 11']}
    ${'a rise that closes below its last swing low'}   | ${`${rise} 13 13.5 12.9`}                    | ${['bos up 12 (2) at 6', 'choch down 13 (9) at 11']}
    ${'a turn down that goes on'}                      | ${`${rise} 13 13.5 12.9 12 12.5 12.6 11.9`}  | ${['bos up 12 (2) at 6', 'choch down 13 (9) at 11', 'bos down 12 (12) at 15']}
    ${'a turn down and back up'}                       | ${`${rise} 13 13.8 12.9 12 13 15`}           | ${['bos up 12 (2) at 6', 'choch down 13 (9) at 11', 'choch up 13.8 (10) at 14']}
    ${'a fall that closes below its swing low'}        | ${'10 9 8 8.5 9 8 7'}                        | ${['bos down 8 (2) at 6']}
    ${'a wick above the swing high'}                   | ${'10 11 12 11.5 11 11.8^13 11.5'}           | ${[]}
    ${'a close on the swing high'}                     | ${'10 11 12 11.5 11 11.8 12'}                | ${[]}
    ${'a wick below the swing low'}                    | ${`${rise} 13 13.5 13.2_12`}                 | ${['bos up 12 (2) at 6']}
    ${'a second close above the same swing high'}      | ${'10 11 12 11.5 11 12 13 11.5_11.4 12.5'}   | ${['bos up 12 (2) at 6']}
    ${'a close above a swing high not yet confirmed'}  | ${'10 11 12 13 14'}                          | ${[]}
    ${'a wick first and a close above it later'}       | ${'10 11 12 11.5 11 11.8^13 11.5 11.2 13.5'} | ${['bos up 13 (5) at 8']}
    ${'a close above, while the bar confirms another'} | ${'10 11 12 11.5 11 11.8^13 12.5'}           | ${['bos up 12 (2) at 6']}
    ${'a market that does not move'}                   | ${'10 10 10 10 10 10 10'}                    | ${[]}
    ${'no bars but one'}                               | ${'10'}                                      | ${[]}
  `('$chart gives $events', ({ path, events: expected }) => {
    expect(events(path)).toEqual(expected);
  });

  test('three bars on each side by default: smaller turns are no swings', () => {
    const wide = '10 11 12 13 12.5 12 11 10 11 12 12.5 14';
    expect(events(wide, 3)).toEqual(['bos up 13 (3) at 11']);
    expect(readings(marketStructure(), pricePath(wide))).toEqual(read(wide, 3));
    expect(readings(marketStructure(), pricePath(rise)).every(({ labels }) => labels.length === 0)).toBe(true);
  });
});

describe('labels and trend', () => {
  test.each`
    chart                             | path                                          | labels                                                          | trend
    ${'one swing high'}               | ${'10 11 12 11'}                              | ${['high 12 null']}                                             | ${'undefined'}
    ${'higher highs and lows'}        | ${`${rise} 13 14 15 14`}                      | ${['low 11 null', 'high 14 HH', 'low 13 HL', 'high 15 HH']}     | ${'up'}
    ${'lower highs and lows'}         | ${'12 11 10 10.5 11 10 9 9.5'}                | ${['low 10 null', 'high 11 null', 'low 9 LL']}                  | ${'down'}
    ${'a higher high by a wick only'} | ${'10 11 12 11 10.5 11 11.5^13 11.4 11 11.5'} | ${['high 12 null', 'low 10.5 null', 'high 13 HH', 'low 11 HL']} | ${'up'}
    ${'a lower low by a wick only'}   | ${'12 11 10 11 11.5 11 10.5_9 10.6 11 10.5'}  | ${['low 10 null', 'high 11.5 null', 'low 9 LL', 'high 11 LH']}  | ${'down'}
    ${'highs that are equal'}         | ${'10 11 12 11 10.5 11 12 11'}                | ${['high 12 null', 'low 10.5 null', 'high 12 LH']}              | ${'undefined'}
    ${'lows that are equal'}          | ${'12 11 10 11 11.5 11 10 11'}                | ${['low 10 null', 'high 11.5 null', 'low 10 HL']}               | ${'undefined'}
    ${'a change of character'}        | ${`${rise} 13 13.5 12.9`}                     | ${['high 12 null', 'low 11 null', 'high 14 HH', 'low 13 HL']}   | ${'down'}
    ${'a straight line'}              | ${'10 11 12 13'}                              | ${[]}                                                           | ${'undefined'}
  `('$chart read $labels, trend $trend', ({ path, labels, trend }) => {
    const newest = read(path).at(-1)!;
    expect({
      labels: newest.labels.map(({ kind, price, label }) => `${kind} ${price} ${label}`),
      trend: newest.trend,
    }).toEqual({ labels, trend });
  });

  test('the last event stands until the next one, that of the bar does not', () => {
    const [broke, after] = read('10 11 12 11.5 11 12 13 14').slice(-2);
    expect(broke?.event).toEqual(broke?.last_event);
    expect(after).toMatchObject({ event: null, last_event: broke?.event });
  });

  test('the last swings say whether they are broken', () => {
    const [before, after] = read('10 11 12 11.5 11 12 13').slice(-2);
    expect([before?.last_high?.broken, after?.last_high?.broken, after?.last_low?.broken]).toEqual([
      false,
      true,
      false,
    ]);
  });
});
