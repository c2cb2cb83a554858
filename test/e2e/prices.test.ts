import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { analysisLines } from '../../src/app/cli/analysis-lines.ts';
import { readConfig } from '../../src/app/config/config.ts';
import { instrumentsOf } from '../../src/app/config/instruments.ts';
import { statusLines } from '../../src/app/up/status-lines.ts';
import { reconcileRules } from '../../src/app/wiring/reconcile.ts';
import { analysisOf } from '../../src/domain/analysis/analysis-of.ts';
import { bar } from '../../src/domain/bar/bar.ts';
import { shownSteps } from '../../src/domain/instrument/shown-steps.ts';
import { type Compared, compare } from '../../src/domain/parity/parity.ts';
import type { SideBar } from '../../src/domain/parity/parity-bar.ts';
import { compareWithReference } from '../../src/domain/parity/reference-bars.ts';
import { market } from '../../src/services/desk/market/market.ts';
import { reportHtml } from '../../src/services/reconcile/report/html.ts';
import { reportJson } from '../../src/services/reconcile/report/json.ts';
import { reportMarkdown } from '../../src/services/reconcile/report/markdown.ts';
import { reportTable } from '../../src/services/reconcile/report/table.ts';
import { chartReadings } from '../support/chart-readings.ts';
import { mcpDesk } from '../support/mcp-desk.ts';
import { startEdge } from '../support/mcp2-edge.ts';
import { memoryDesk } from '../support/memory-desk.ts';

const MINUTE = 60_000;
const DAY = Date.UTC(2026, 6, 1);
const SYMBOL = 'EURUSD';
/** As (bid + ask) / 2 comes out of doubles. */
const [OPEN, HIGH, LOW, CLOSE] = [1.1939600000000001, 1.1942000000000002, 1.1935999999999998, 1.194] as const;

const sideBar = (minute: number, change: Partial<SideBar> = {}): SideBar => ({
  start: DAY + minute * MINUTE,
  open: OPEN,
  high: HIGH,
  low: LOW,
  close: CLOSE,
  volume: '10',
  n: 2,
  rev: 0,
  digest: '00000000000000aa',
  partial: false,
  place: minute,
  ...change,
});
const { values } = readConfig('reconcile', { flags: {}, env: {}, file: null }).config;
let compared: Compared;

/** A session in which a bar is half a pip higher on the candidate's side, for a tick that is, and one differs in its last double digit. */
beforeAll(() => {
  const rules = reconcileRules(values);
  const calendar = rules.calendarOf(SYMBOL);
  const session = calendar.sessionOf(DAY)!;
  const off = { high: HIGH + 0.000_05, digest: '00000000000000bb' };
  const minutes = Array.from({ length: 60 }, (_, i) => i);
  const bars = {
    incumbent: minutes.map((i) => sideBar(i)),
    candidate: minutes.map((i) => sideBar(i, i === 30 ? off : i === 31 ? { open: 1.19396 } : {})),
  };
  const tick = (price: number) => [{ ts: DAY + 30 * MINUTE, price, volume: '1', place: 'tape' }];
  const side = (name: 'incumbent' | 'candidate', price: number) => ({
    bars: bars[name],
    gaps: [],
    late: [],
    ticks: new Map([[DAY + 30 * MINUTE, tick(price)]]),
  });
  const { tolerance, priceIncrement } = rules.instrumentOf(SYMBOL, shownSteps(bars.incumbent, bars.candidate));
  compared = compare({
    symbol: SYMBOL,
    calendar,
    session,
    from: session.from,
    to: session.to,
    settled: session.to,
    tolerance,
    priceIncrement,
    threshold: 99.9,
    incumbent: side('incumbent', HIGH),
    candidate: side('candidate', HIGH + 0.000_05),
  });
});

/** A number with more digits than anybody quotes. */
const DOUBLE = /\d\.\d{12,}|\d(\.\d+)?e-\d/;

const pricedDesk = () => {
  const needs = {
    streams: () => Promise.reject(new Error('not read here')),
    barSource: async () => ({ source: 'redis', switched: null }),
    bars: async () => ({ source: 'redis', symbols: async () => [SYMBOL], newest: async () => [sideBar(1)] }),
    parity: async () => ({ sessions: [compared.report] }),
    analysis: async () => ({ analysis: analysis(), charts: [] }),
  };
  return { ...memoryDesk(), market: market(needs) };
};

/** With levels that were computed from prices. */
function analysis() {
  const { place: _, ...fields } = sideBar(1);
  const closed = bar({ ...fields, symbol: SYMBOL, tf: '1m', digest: '00000000000000aa', n: 2 });
  const block = { direction: 'bullish', top: HIGH, bottom: LOW, start: DAY, status: 'fresh' };
  const readings = chartReadings({
    vwap: { vwap: 1.1938612345678901, upper: HIGH, lower: LOW },
    blocks: { blocks: [block] },
  } as never);
  const context = { ticks: null, settled: true, volumeKind: 'ticks', longer: new Map(), session: 'london' } as const;
  return analysisOf({ bar: closed, readings }, { ...context, priceIncrement: '0.00001' });
}

const plain = { colour: false, columns: 200 };
const surfaces: Readonly<Record<string, () => string | Promise<string>>> = {
  'the report on a terminal': () => reportTable([compared.report], plain),
  'the report as Markdown': () => reportMarkdown([compared.report]),
  'the report as a page': () => reportHtml([compared], { title: 'Parity', generatedFrom: 'both' }),
  'the bottom of the terminal': () =>
    statusLines({
      version: '1',
      address: '',
      mcp2: '',
      now: DAY,
      reports: {},
      rates: {},
      bars: [{ symbol: SYMBOL, bar: sideBar(1), other: null }],
      source: 'redis',
      instruments: instrumentsOf(values),
      running: new Map(),
      gate: null,
      openGaps: null,
      colour: false,
    }).join('\n'),
  'the text of an analysis': () => analysis().text!,
  'an analysis on a terminal': () => analysisLines(analysis(), '0.00001', false).join('\n'),
  'what verify tells of a reference': () => {
    const own = new Map([[DAY, sideBar(0)]]);
    const reference = { ...sideBar(0), symbol: null, high: CLOSE, close: OPEN, volume: null, n: null };
    return JSON.stringify(compareWithReference(own, [reference], '0.00001'));
  },
};

test.each(Object.keys(surfaces))('%s has prices with the decimals of the instrument', async (name) => {
  const text = await surfaces[name]!();
  expect(text).toMatch(/\b1\.19(420|400|396)\b/);
  expect(text).not.toMatch(DOUBLE);
  // None has fewer decimals, and one more only where the price is a middle of two.
  for (const [price] of text.matchAll(/\b1\.19\d*/g)) expect(price).toMatch(/^1\.19\d{3,4}$/);
});

const numbers: Readonly<Record<string, () => unknown>> = {
  'the report as JSON': () => reportJson([compared.report]),
  'bars of the HTTP API': () => fromHttp(`/bars/${SYMBOL}`),
  'parity of the HTTP API': () => fromHttp('/parity'),
  'the analysis of the HTTP API': () => fromHttp(`/analysis/${SYMBOL}`),
  'bars of the MCP tool': () => fromMcp('get_bars'),
  'parity of the MCP tool': () => fromMcp('get_parity'),
  'the analysis of the MCP tool': () => fromMcp('get_analysis'),
};

async function fromHttp(path: string): Promise<string> {
  const edge = await startEdge({ needs: { desk: pricedDesk() } });
  onTestFinished(() => edge.close());
  const response = await fetch(`${edge.address}${path}`);
  expect(response.status).toBe(200);
  return response.text();
}

async function fromMcp(name: string): Promise<string> {
  const server = await mcpDesk();
  onTestFinished(() => server.close());
  Object.assign(server.desk, { market: pricedDesk().market });
  const client = await server.client('2025-11-25');
  const answer = await client.callTool({ name, arguments: { symbol: SYMBOL } });
  expect(answer.isError ?? false).toBe(false);
  return JSON.stringify(answer);
}

test.each(Object.keys(numbers))('%s has prices without the digits that only a double has', async (name) => {
  const text = await numbers[name]!();
  expect(text).toMatch(/\b1\.19(42|4|396)\b/);
  expect(text).not.toMatch(DOUBLE);
});

test('prices that differ by how a middle was computed are the same', () => {
  expect(compared.report.mismatches.map(({ start }) => start)).toEqual([DAY + 30 * MINUTE]);
  expect(compared.report.notes).toEqual([]);
});
