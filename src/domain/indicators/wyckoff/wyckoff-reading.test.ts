import { expect, test } from 'vitest';
import { all, climax, decline, PS, phaseA, ST } from '../../../../test/support/accumulation-chart.ts';
import { chart } from '../../../../test/support/chart.ts';
import { legs, upsideDown } from '../../../../test/support/chart-legs.ts';
import { readings } from '../detector.ts';
import { wyckoff } from './wyckoff.ts';

test('a range is read from its automatic rally on, with its bounds and the start of its climax', () => {
  const bars = chart([...phaseA, ...ST]);
  const ranges = readings(wyckoff(), bars).map(({ range }) => range);
  expect(ranges[phaseA.length + 1]).toBeNull();
  expect(ranges.at(-1)).toEqual({ high: 150, low: 134, start: bars[climax.length - 1]!.start });
});

test('a distribution reads its bounds the right way up', () => {
  const { range } = readings(wyckoff(), chart(upsideDown([...phaseA, ...ST], 200))).at(-1)!;
  expect(range).toMatchObject({ high: 266, low: 250 });
});

test('an event names its own bar, not the one that confirms it', () => {
  const bars = chart([...phaseA, ...ST.slice(0, 3)]);
  expect(readings(wyckoff(), bars).at(-1)!.event).toEqual({
    code: 'AR',
    start: bars[phaseA.length - 1]!.start,
    price: 150,
  });
});

test('the newest eight events stay', () => {
  const events = readings(wyckoff(), chart(all)).at(-1)!.events;
  expect(events.map(({ code }) => code)).toEqual(['PS', 'SC', 'AR', 'ST', 'SPRING', 'TEST', 'SOS', 'LPS']);
});

test('a buying climax in the markup begins a distribution, without the events of the accumulation', () => {
  const rows = [...all, ...legs(158, [{ to: 190, bars: 32 }]), [190, 196, 190, 193, 500]];
  const { schematic, phase, events } = readings(wyckoff(), chart(rows)).at(-1)!;
  expect([schematic, phase, events.map(({ code }) => code)]).toEqual(['distribution', 'A', ['BC']]);
});

test('preliminary supply is read in the markup and kept by the distribution', () => {
  const rows = [...all, ...legs(158, [{ to: 190, bars: 32 }]), [190, 193, 190, 191.2, 140]];
  const foretold = readings(wyckoff(), chart(rows)).at(-1)!;
  expect([foretold.event?.code, foretold.schematic, foretold.phase]).toEqual(['PSY', 'markup', 'E']);
  const climaxed = readings(wyckoff(), chart([...rows, [191.2, 198, 191.2, 194, 700]])).at(-1)!;
  expect(climaxed.events.map(({ code }) => code)).toEqual(['PSY', 'BC']);
});

test('preliminary support of long ago foretells nothing', () => {
  const rows = [...decline, ...PS, ...legs(148.6, [{ to: 80, bars: 60 }]), [80, 80, 74, 77, 400]];
  expect(
    readings(wyckoff(), chart(rows))
      .at(-1)!
      .events.map(({ code }) => code),
  ).toEqual(['SC']);
});
