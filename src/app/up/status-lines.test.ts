import { expect, test } from 'vitest';
import { readConfig } from '../config/config.ts';
import { instrumentsOf } from '../config/instruments.ts';
import { statusLines, type UpStatus } from './status-lines.ts';

const bar = (start: string) => ({
  start: Date.parse(start),
  open: 1.1,
  high: 1.2,
  low: 1,
  close: 1.0641349999999998,
  volume: '1',
  n: 1,
  rev: 0,
  digest: '00000000000000aa',
  partial: false,
  place: 0,
});
const status = (change: Partial<UpStatus>): UpStatus => ({
  version: '1',
  address: 'http://127.0.0.1:7420',
  mcp2: 'http://127.0.0.1:8002',
  now: Date.parse('2026-07-06T09:00:30Z'),
  reports: {},
  rates: {},
  bars: [],
  source: 'redis',
  instruments: instrumentsOf(readConfig('up', { flags: {}, env: {}, file: null }).config.values),
  running: new Map(),
  gate: null,
  openGaps: null,
  colour: false,
  ...change,
});

test.each`
  start                     | shown
  ${'2026-07-06T08:59:00Z'} | ${' 08:59 '}
  ${'2026-07-03T20:59:00Z'} | ${' 2026-07-03 20:59 '}
`('the bar of $start is shown as$shown', ({ start, shown }) => {
  const bars = [{ symbol: 'EURUSD', bar: bar(start), other: null }];
  const line = statusLines(status({ bars })).find((each) => each.startsWith('EURUSD'));
  expect(line).toContain(shown);
  expect(line).toContain('1.064135');
});

test('open gaps are those of the topic, or unknown', () => {
  expect(statusLines(status({ openGaps: 2 })).join('\n')).toContain('2 open gaps');
  expect(statusLines(status({})).join('\n')).toContain('– open gaps');
});

test('the last lines say where to look, within the width of a terminal', () => {
  const last = statusLines(status({})).slice(-2);
  expect(last[0]).toContain('http://127.0.0.1:8002/docs');
  expect(last[0]).toContain('/mcp');
  expect(last[1]).toContain('http://127.0.0.1:7420/health');
  for (const line of last) expect(line.length).toBeLessThanOrEqual(100);
});
