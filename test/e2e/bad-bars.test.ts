import { expect, test, vi } from 'vitest';
import { encodeBar } from '../../src/domain/bar/bar-codec.ts';
import { barStream, barTopic } from '../../src/domain/bar/bar-topics.ts';
import { errors } from '../../src/domain/errors/errors.ts';
import { badOlderBars, badOlderKeys, badStreamBars, badTopicBars } from '../corpus/bad-bars.ts';
import type { Ran } from '../support/command-line.ts';
import { type DeskEngines, deskBar, deskShell, onKafka, onRedis } from '../support/parity-desk.ts';

// Each command opens an embedded Postgres of its own.
vi.setConfig({ testTimeout: 240_000 });

const SYMBOL = 'USDJPY';
const SESSION = Date.parse('2013-01-02T00:00Z');
const good = Array.from({ length: 40 }, (_, i) => SESSION + i * 60_000);
const ARGS = ['--session', '2013-01-02', '--calendars', '*=24x7', '--format', 'json'];

/** The lines about bars of a side: what it counts, and the reason of each. Every line must be clear. */
function rejected({ err }: Ran, side: string, symbol = SYMBOL): { counted: number; reasons: string[] } {
  const lines = err.trimEnd().split('\n');
  const heading = new RegExp(
    `^pulse: (\\d+) bars of ${symbol} on the ${side}'s side cannot be read; where the other side has a bar, they count as bars that differ:$`,
  );
  const at = lines.findIndex((line) => heading.test(line));
  expect(at).not.toBe(-1);
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => line.endsWith(':'));
  const own = end === -1 ? rest : rest.slice(0, end);
  for (const line of own) expect(line).toMatch(/^pulse: \S.*: (bar|parity)\.[a-z.-]+: the .*[^\s:]$/);
  for (const line of own) expect(line).not.toMatch(/undefined|\[object|\.ts:\d+/);
  const reasons = own.map((line) => / ((?:bar|parity)\.[a-z.-]+): /.exec(line)![1]!);
  return { counted: Number(heading.exec(lines[at]!)![1]), reasons };
}

/** Puts a bad one after each good one, and the rest at the end. */
function* mixed<G, B>(goods: readonly G[], bads: readonly B[]): Generator<G | B> {
  for (let i = 0; i < Math.max(goods.length, bads.length); i += 1) {
    if (i < goods.length) yield goods[i]!;
    if (i < bads.length) yield bads[i]!;
  }
}

async function goodKafka(engines: DeskEngines): Promise<void> {
  for (const start of good) await onKafka(engines, SYMBOL, start);
}

test(`${badTopicBars.length} bad records and ${badStreamBars.length} bad entries: each has its reason and a line, counts add up, and the good ones are compared`, async () => {
  const shell = await deskShell(async (engines) => {
    const topic = barTopic(SYMBOL, '1m');
    await engines.log.createTopics([{ topic, partitions: 1 }]);
    const goodValues = good.map((start) => Buffer.from(encodeBar(deskBar(SYMBOL, start))));
    const values = [
      ...mixed<string | Buffer, string | Buffer>(
        goodValues,
        badTopicBars.map(([, value]) => value),
      ),
    ];
    await engines.log.append(
      values.map((value, i) => ({ topic, key: String(i), value: Buffer.from(value as string) })),
    );
    const stream = barStream('stream:bar', SYMBOL, '1m');
    for (const item of mixed<number, (typeof badStreamBars)[number]>(good, badStreamBars))
      if (typeof item === 'number') await onRedis(engines, SYMBOL, item);
      else await engines.streams.append([{ stream, fields: item[1] }]);
  });
  const ran = await shell.run(['reconcile', '--symbol', SYMBOL, ...ARGS]);
  expect(ran.code).toBe(0);
  const [report] = JSON.parse(ran.out).reports;
  // In = read + rejected: every good one was compared, every bad one has its line.
  expect(report).toMatchObject({
    bars: { incumbent: good.length, candidate: good.length },
    expected: good.length,
    agreeing: good.length,
  });
  for (const [side, corpus] of [
    ['candidate', badTopicBars],
    ['incumbent', badStreamBars],
  ] as const) {
    const { counted, reasons } = rejected(ran, side);
    expect([side, counted, reasons]).toEqual([side, corpus.length, corpus.map(([reason]) => reason)]);
    // Those that say another day are none of this session's.
    const inReport = report.unreadable.bars.filter((bar: { side: string }) => bar.side === side);
    expect(inReport.length).toBeGreaterThan(5);
    for (const { place, start } of inReport) {
      expect(place).toMatch(/^(bars\.USDJPY\.1m\/0@\d+|stream:bar:1m:USDJPY \d+-\d+)$/);
      expect(start ?? SESSION).toBeGreaterThanOrEqual(SESSION);
    }
  }
});

test(`${badOlderBars.length} bad bars of the older form cost nothing but themselves`, async () => {
  const items = [
    ...mixed<unknown, unknown>(
      good.map((start) => [start / 1_000, 1, 1, 1, 1, 1]),
      badOlderBars.map(([, item]) => item),
    ),
  ];
  const shell = await deskShell(async (engines) => {
    await goodKafka(engines);
    await engines.keys.set(`bars:${SYMBOL}:1m`, JSON.stringify(items));
  });
  const ran = await shell.run(['reconcile', '--symbol', SYMBOL, ...ARGS]);
  expect(ran.code).toBe(0);
  expect(JSON.parse(ran.out).reports[0]).toMatchObject({ bars: { incumbent: good.length }, agreeing: good.length });
  const { counted, reasons } = rejected(ran, 'incumbent');
  expect([counted + good.length, reasons]).toEqual([items.length, badOlderBars.map(([reason]) => reason)]);
});

test(`${badOlderKeys.length} older keys that hold no list stop neither their own symbols nor another`, async () => {
  const symbols = badOlderKeys.map((_, i) => `XAU${i}`);
  const shell = await deskShell(async (engines) => {
    for (const [i, symbol] of symbols.entries()) {
      await onKafka(engines, symbol, SESSION);
      await engines.keys.set(`bars:${symbol}:1m`, badOlderKeys[i]!);
    }
    await onKafka(engines, 'ZARJPY', SESSION);
    await onRedis(engines, 'ZARJPY', SESSION);
  });
  const ran = await shell.run(['reconcile', '--all', ...ARGS]);
  for (const symbol of symbols)
    expect(rejected(ran, 'incumbent', symbol)).toEqual({ counted: 1, reasons: ['parity.bars.unreadable'] });
  expect(ran.code).toBe(4);
  const verdicts = JSON.parse(ran.out).reports.map(
    (r: { symbol: string; verdict: string }) => `${r.symbol} ${r.verdict}`,
  );
  expect(verdicts).toEqual([...symbols.map((symbol) => `${symbol} side missing`), 'ZARJPY too little evidence']);
});

test.each`
  where             | unreadable                           | place
  ${'the topic'}    | ${{ topic: '{"symbol":"USDJPY"' }}   | ${/bars\.USDJPY\.1m\/0@20/}
  ${'the stream'}   | ${{ entry: { ts: '', open: '1' } }}  | ${/stream:bar:1m:USDJPY \d+-\d+/}
  ${'an older key'} | ${{ item: ['noon', 1, 1, 1, 1, 1] }} | ${/bars:USDJPY:1m\[20\]/}
`(
  'a bar on $where that cannot be read is told with side, place and reason, and never as missing',
  async ({ unreadable, place }) => {
    const { topic, entry, item } = unreadable as { topic?: string; entry?: Record<string, string>; item?: unknown };
    const shell = await deskShell(async (engines) => {
      const record = barTopic(SYMBOL, '1m');
      await engines.log.createTopics([{ topic: record, partitions: 1 }]);
      for (const [i, start] of good.entries()) {
        if (topic !== undefined && i === 20)
          await engines.log.append([{ topic: record, key: String(start / 1_000), value: Buffer.from(topic) }]);
        else await onKafka(engines, SYMBOL, start);
        if (entry !== undefined && i === 20)
          await engines.streams.append([{ stream: barStream('stream:bar', SYMBOL, '1m'), fields: entry }]);
        else if (item === undefined) await onRedis(engines, SYMBOL, start);
      }
      const items = good.map((start, i) => (i === 20 ? item : [start / 1_000, 1, 1, 1, 1, 1]));
      if (item !== undefined) await engines.keys.set(`bars:${SYMBOL}:1m`, JSON.stringify(items));
    });
    const said = async (format: string): Promise<string> =>
      (await shell.run(['reconcile', '--symbol', SYMBOL, ...ARGS.slice(0, -1), format])).out;
    const [report] = JSON.parse(await said('json')).reports;
    expect(report.mismatches).toMatchObject([{ start: good[20], cause: 'unreadable bar', unreadable: true }]);
    expect(report.unreadable).toMatchObject({
      count: 1,
      bars: [{ side: topic === undefined ? 'incumbent' : 'candidate' }],
    });
    for (const format of ['json', 'markdown', 'html', 'table']) {
      const text = await said(format);
      expect(text).toMatch(place);
      expect(text).toMatch(/bar\.(not-json|field)/);
      expect(text).not.toMatch(/missing (bar|ticks)|extra ticks/);
    }
  },
);

test('every reason is one of the closed list', () => {
  for (const [reason] of [...badTopicBars, ...badStreamBars, ...badOlderBars])
    expect(Object.keys(errors)).toContain(reason);
});
