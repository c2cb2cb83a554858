import type { Compared } from '../../../domain/parity/parity.ts';
import type { Mismatch, SessionReport } from '../../../domain/parity/parity-report.ts';
import { chart } from './chart.ts';
import { escapeHtml as e } from './escape.ts';
import { isEmpty, sessionRows } from './session-rows.ts';
import { STYLE } from './style.ts';
import {
  causesText,
  differenceText,
  fieldText,
  firstTickText,
  minuteText,
  namesIn,
  percentText,
  spanText,
  systematicLines,
  toleranceLines,
  unreadableLines,
  warningLines,
} from './words.ts';

export interface PageOptions {
  readonly title: string;
  /** What was compared: `incumbent and candidate`. */
  readonly generatedFrom: string;
}

const MOST_ROWS = 500;

/** One page that needs nothing else: no script, no network. The same input gives the same page. */
export function reportHtml(compared: readonly Compared[], { title, generatedFrom }: PageOptions): string {
  const reports = compared.map(({ report }) => report);
  const agreeing = reports.reduce((sum, r) => sum + r.agreeing, 0);
  const expected = reports.reduce((sum, r) => sum + r.expected, 0);
  const good = reports.length > 0 && reports.every(({ verdict }) => verdict === 'passed' || verdict === 'no ticks');
  const { threshold } = reports[0] ?? { threshold: 0 };
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${e(title)}</title><style>${STYLE}</style></head><body><main>`,
    `<header><h1>${e(title)}</h1><p class="headline ${good ? 'good' : 'bad'}"><strong>${good ? 'Every session passed' : 'Not every session passed'}</strong>: ${agreeing.toLocaleString('en')} of ${expected.toLocaleString('en')} bars agree between ${e(generatedFrom)}.</p></header>`,
    ...systematicLines(reports).map((line) => `<p class="bad">✗ ${e(line)}</p>`),
    ...warningLines(reports).map((line) => `<p class="bad">⚠ ${e(line)}</p>`),
    summary(reports),
    ...toleranceLines(reports).map((line) => `<p class="note">${e(line)}.</p>`),
    `<p class="note">A session passes at ${threshold} % or more. “At least” is the one-sided 95 % lower confidence bound: were the true parity below it, this many agreeing bars would be seen in fewer than 5 % of cases.</p>`,
    ...compared.filter(({ report }) => compared.length === 1 || !isEmpty(report)).map(section),
    '</main></body></html>',
    '',
  ].join('\n');
}

const tableOf = (caption: string, heads: readonly string[], rows: readonly string[]): string =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${e(caption)}"><table><caption>${e(caption)}</caption><thead><tr>${heads.map((h) => `<th scope="col">${h}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;

const cells = (values: readonly (string | number)[]): string =>
  `<tr>${values.map((value) => (typeof value === 'number' ? `<td class="number">${value.toLocaleString('en')}</td>` : `<td>${e(value)}</td>`)).join('')}</tr>`;

const summary = (reports: readonly SessionReport[]): string =>
  tableOf(
    'Sessions',
    ['Symbol', 'Session', 'Calendar', 'Expected', 'Agreeing', 'Parity', 'At least', 'Verdict', 'Causes'],
    sessionRows(reports).map(({ report: r, span, verdict }) =>
      cells([
        r.symbol,
        span,
        r.calendar,
        r.expected,
        r.agreeing,
        percentText(r.parity),
        percentText(r.lowerBound),
        `${r.verdict === 'passed' ? '✓' : '✗'} ${verdict}`,
        causesText(r),
      ]),
    ),
  );

function section(compared: Compared): string {
  const { report } = compared;
  const { symbol, verdict, mismatches, notes, offCalendar } = report;
  const names = namesIn(report);
  return [
    `<section><h2>${e(symbol)} <span>${e(spanText(report))}</span> <em class="${verdict === 'passed' ? 'good' : 'bad'}">${percentText(report.parity)}</em></h2>`,
    `<p class="legend"><i class="incumbent"></i> ${names.incumbent} (Redis) <i class="candidate"></i> ${names.candidate} (${report.noise ? 'Redis' : 'Kafka'}) <i class="differ"></i> bars that differ · times are UTC</p>`,
    chart(compared),
    mismatches.length === 0
      ? '<p>Every bar agrees.</p>'
      : mismatchTable('Bars that differ', mismatches, report.expected - report.agreeing, report),
    unreadableList(report),
    notes.length === 0 ? '' : noteTable(report),
    offCalendar.compared === 0
      ? ''
      : `<p>Outside of the calendar’s sessions ${offCalendar.agreeing} of ${offCalendar.compared} bars agree; they are not counted.</p>`,
    offCalendar.mismatches.length === 0
      ? ''
      : mismatchTable(
          'Outside of sessions',
          offCalendar.mismatches,
          offCalendar.compared - offCalendar.agreeing,
          report,
        ),
    '</section>',
  ].join('\n');
}

/** `count`: of all, of which `mismatches` are a sample. */
function mismatchTable(caption: string, mismatches: readonly Mismatch[], count: number, report: SessionReport): string {
  const names = namesIn(report);
  const rows = mismatches
    .slice(0, MOST_ROWS)
    .map(
      (m) =>
        `<tr><td class="when">${minuteText(m.start)}</td><td><strong>${e(m.cause)}</strong></td><td>${e(differenceText(m, report))}</td><td>${e(m.evidence)}${m.firstTick === null ? '' : `<br><small>First differing tick: ${e(firstTickText(m.firstTick, report))}</small>`}<br><code>${e(m.reproduce)}</code></td></tr>`,
    );
  const more = count > rows.length ? `<p>and ${count - rows.length} more of these causes.</p>` : '';
  return (
    tableOf(
      `${caption}: ${count}`,
      [
        'Bar',
        'Cause',
        `Difference (${names.incumbent} → ${names.candidate})`,
        'Evidence, and the command that shows it again',
      ],
      rows,
    ) + more
  );
}

function noteTable(report: SessionReport): string {
  const { notes, noted = {} } = report;
  const count = Object.values(noted).reduce((sum, each) => sum + each, 0);
  const rows = notes
    .slice(0, MOST_ROWS)
    .map((n) =>
      cells([minuteText(n.start), n.note, n.fields.map((field) => fieldText(field, report)).join('; '), n.evidence]),
    );
  return `<details><summary>${count} agreeing bars with something to tell</summary>${tableOf('Notes', ['Bar', 'Note', 'Difference', 'Evidence'], rows)}</details>`;
}

function unreadableList(report: SessionReport): string {
  const [heading, ...lines] = unreadableLines(report);
  if (heading === undefined) return '';
  return `<details open><summary>${e(heading)}</summary><ul>${lines.map((line) => `<li>${e(line)}</li>`).join('\n')}</ul></details>`;
}
