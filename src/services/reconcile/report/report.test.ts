import { expect, test } from 'vitest';
import { wholeSession } from '../../../../test/support/whole-session.ts';
import { MINUTE } from '../../../domain/base/timeframe.ts';
import { tradingCalendars } from '../../../domain/calendar/trading-calendar.ts';
import { defaultGateRule, evidenceOf, gateOf, symbolGate } from '../../../domain/parity/gate.ts';
import { type Compared, compare } from '../../../domain/parity/parity.ts';
import type { SideBar } from '../../../domain/parity/parity-bar.ts';
import { gateTable } from './gate-table.ts';
import { reportHtml } from './html.ts';
import { reportJson } from './json.ts';
import { reportMarkdown } from './markdown.ts';
import { reportTable } from './table.ts';

const calendar = tradingCalendars['24x7'];
const session = calendar.session('2026-07-01')!;
const bar = (minute: number, change: Partial<SideBar> = {}): SideBar => ({
  start: session.from + minute * MINUTE,
  open: 1.1,
  high: 1.2,
  low: 1,
  close: 1.1,
  volume: '10',
  n: 5,
  rev: 0,
  digest: '00000000000000aa',
  partial: false,
  place: minute,
  ...change,
});
const side = (bars: readonly SideBar[]) => ({ bars, gaps: [], late: [] });

/** 1,440 minutes; in the candidate's, one is missing, one is altered, and one differs within tolerance. */
function sample(symbol = 'EURUSD', noise = false): Compared {
  const minutes = Array.from({ length: 1_440 }, (_, i) => i);
  const candidate = minutes.flatMap((i) => {
    if (i === 600) return [];
    if (i === 700) return [bar(i, { high: 1.3, digest: '00000000000000bb' })];
    return [i === 800 ? bar(i, { close: 1.10005, digest: '00000000000000bb' }) : bar(i)];
  });
  return compare({
    ...wholeSession(calendar, session),
    symbol,
    noise,
    incumbent: side(minutes.map((i) => bar(i))),
    candidate: side(candidate),
  });
}

const options = { title: 'Pulse parity', generatedFrom: 'incumbent and candidate' };
const plain = { colour: false, columns: 80 };

test('the table tells each session, then each bar that differs with its cause, evidence and command', () => {
  const text = reportTable([sample().report], plain);
  expect(text).toContain('EURUSD  2026-07-01  24x7          1440      1438  99.8611 %');
  expect(text).toContain('✗ EURUSD 2026-07-01 10:00Z  missing bar');
  expect(text).toContain("no bar on the candidate's side");
  expect(text).toContain('✗ EURUSD 2026-07-01 11:40Z  altered ticks');
  expect(text).toContain('high 1.2 → 1.3 (+1000 ticks)');
  expect(text).toContain('pulse reconcile --symbol EURUSD --from 2026-07-01T11:40Z --to 2026-07-01T11:41Z');
  expect(text).toContain('1 × within tolerance');
});

/** A day in which every candidate's bar stands a minute late. */
function closeStamped(): Compared {
  const minutes = Array.from({ length: 1_440 }, (_, i) => i);
  const at = (i: number): SideBar => {
    const price = 1.1 + ((i * 37) % 101) / 1_000;
    return bar(i, { open: price, high: price + 0.01, low: price - 0.01, close: price });
  };
  return compare({
    ...wholeSession(calendar, session),
    ticksRead: new Set(minutes.slice(0, 500).map((i) => session.from + i * MINUTE)),
    incumbent: side(minutes.map(at)),
    candidate: side(minutes.map((i) => ({ ...at(i), start: at(i).start + MINUTE }))),
  });
}

test.each`
  form          | write
  ${'table'}    | ${(c: Compared) => reportTable([c.report], { colour: false, columns: 1_000 })}
  ${'Markdown'} | ${(c: Compared) => reportMarkdown([c.report])}
  ${'HTML'}     | ${(c: Compared) => reportHtml([c], options)}
`(
  'a fault of the whole path comes ahead of the single bars, of which each cause has at most a hundred: $form',
  ({ write }) => {
    const compared = closeStamped();
    const { report } = compared;
    expect(report.systematic).toMatchObject([
      { kind: 'stamped on close', side: 'candidate', explained: 1_440, differing: 1_440 },
    ]);
    expect([report.causes, report.mismatches.length]).toEqual([{ 'systematic fault': 1_440 }, 100]);
    expect(compared.differing).toHaveLength(1_440);
    const text: string = write(compared).replaceAll('&#39;', "'");
    expect(text).toMatch(
      /stamped on close: the candidate's bars are stamped on their close.*explains 1440 of 1440 bars/,
    );
    expect(text.indexOf('stamped on close')).toBeLessThan(text.indexOf('00:00Z'));
    expect(text).toMatch(/and 1[34]\d\d more/);
    expect(text).toContain('the ticks of 940 differing bars were not read, only those of the first 500');
  },
);

test('a noise report speaks of the second incumbent, and its commands compare that one', () => {
  const noise = sample('EURUSD', true);
  for (const text of [
    reportTable([noise.report], plain),
    reportMarkdown([noise.report]),
    reportHtml([noise], options),
  ]) {
    expect(text).toContain('second incumbent');
    expect(text).toContain('pulse reconcile --noise --symbol EURUSD --from 2026-07-01T11:40Z --to 2026-07-01T11:41Z');
  }
  expect(reportTable([noise.report], plain)).not.toContain('candidate');
});

test('prices of ticks are shown without the digits of the double', () => {
  const { report } = sample();
  const tick = { ts: session.from, price: 1.0641349999999998, volume: '1', place: 'ticks.EURUSD/0@7' };
  const [mismatch] = report.mismatches;
  const firstTick = { kind: 'only incumbent', incumbent: tick, candidate: null } as const;
  expect(reportTable([{ ...report, mismatches: [{ ...mismatch!, firstTick }] }], plain)).toContain('1.064135 × 1');
});

test('of many differences the table shows the first, and says how many more there are', () => {
  const { report } = sample();
  const many = {
    ...report,
    agreeing: report.expected - 50,
    mismatches: Array.from({ length: 50 }, () => report.mismatches[0]!),
  };
  expect(reportTable([many], plain)).toContain('and 30 more');
});

test.each`
  form          | write
  ${'table'}    | ${(c: Compared) => reportTable([c.report], plain)}
  ${'JSON'}     | ${(c: Compared) => reportJson([c.report])}
  ${'Markdown'} | ${(c: Compared) => reportMarkdown([c.report])}
  ${'HTML'}     | ${(c: Compared) => reportHtml([c], options)}
`('the same comparison gives the same $form', ({ write }) => {
  expect(write(sample())).toBe(write(sample()));
});

test('JSON holds the whole report', () => {
  const { report } = sample();
  expect(JSON.parse(reportJson([report]))).toEqual({ reports: [JSON.parse(JSON.stringify(report))] });
});

test('a page holds no text as markup, needs nothing from elsewhere, and stays light', () => {
  const evil = `<script>alert("1")</script>&'`;
  const page = reportHtml([sample(evil)], { title: evil, generatedFrom: evil });
  expect(page).not.toContain('<script');
  expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;');
  expect(page).not.toMatch(/(?:src|href)=|url\(|@import/);
  expect(page.length).toBeLessThan(1_000_000);
  expect(page).toContain('Not every session passed');
});

test('Markdown keeps its cells apart', () => {
  expect(reportMarkdown([sample('EUR|USD').report])).toContain('| EUR\\|USD |');
});

test('the gate is told by symbol, with what ended its run and what to do', () => {
  const { report } = sample();
  const entry = { ...report, session: '2026-07-01' };
  const gate = gateOf([
    symbolGate('EURUSD', calendar, [entry], { ...defaultGateRule, tolerance: report.tolerance }, null),
  ]);
  const text = gateTable(gate, plain);
  expect(text).toContain('EURUSD  below threshold  0 of 5');
  expect(text).toContain('2026-07-01: below threshold');
  expect(gateTable(gateOf([]), plain)).toContain('No session has been reconciled yet');
});

test('of a hole in the history there is one line, whatever the form; the JSON has every session', () => {
  const empty = Array.from({ length: 400 }, (_, i) => {
    const { date, from, to } = calendar.session(new Date(session.to + i * 86_400_000).toISOString().slice(0, 10))!;
    const report = {
      ...sample().report,
      session: date,
      from,
      to,
      verdict: 'no ticks',
      expected: 0,
      mismatches: [],
      notes: [],
    };
    return { ...sample(), report, closes: [] } as unknown as Compared;
  });
  const compared = [sample(), ...empty, sample()];
  const reports = compared.map(({ report }) => report);
  const [first, last] = [empty[0]!.report.session, empty.at(-1)!.report.session];
  for (const text of [reportTable(reports, plain), reportMarkdown(reports), reportHtml(compared, options)]) {
    expect(text).toContain(`${first} to ${last}`);
    expect(text).toContain('no ticks on either side, 400 sessions');
    expect(text).not.toContain(empty[200]!.report.session!);
  }
  expect(JSON.parse(reportJson(reports)).reports).toHaveLength(402);
});

test('a tolerance that hides what costs money is a warning in every form of the report, and of the gate', () => {
  const minutes = Array.from({ length: 1_440 }, (_, i) => i);
  const wide = { pipSize: 0.01, priceTicks: 1, volume: '1' };
  const compared = compare({
    symbol: 'EURUSD',
    calendar,
    session,
    from: session.from,
    to: session.to,
    settled: session.to,
    tolerance: wide,
    threshold: 99.9,
    incumbent: side(minutes.map((i) => bar(i))),
    candidate: side(minutes.map((i) => bar(i, { close: 1.105 }))),
  });
  const { report } = compared;
  expect(report.verdict).toBe('passed');
  const rule = { ...defaultGateRule, tolerance: wide, sessions: 1 };
  const gate = gateOf([symbolGate('EURUSD', calendar, [{ ...report, session: '2026-07-01' }], rule, null)]);
  expect(gate.state).toBe('passed');
  for (const text of [
    reportTable([report], { ...plain, columns: 400 }),
    reportMarkdown([report]),
    reportHtml([compared], options),
    reportJson([report]),
    gateTable(gate, plain),
    JSON.stringify(evidenceOf(gate)),
  ]) {
    expect(text).toContain('the price tolerance is up to 1 % of the price, more than 0.1 %');
    expect(text).toContain('1440 of 1440 agreeing bars agree within the tolerance only, more than 5 %');
  }
});
