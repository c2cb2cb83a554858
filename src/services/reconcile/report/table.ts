import type { Mismatch, SessionReport } from '../../../domain/parity/parity-report.ts';
import { table } from '../../../text/table.ts';
import { painter } from './paint.ts';
import { sessionRows } from './session-rows.ts';
import {
  causesText,
  differenceText,
  differingCount,
  firstTickText,
  minuteText,
  percentText,
  systematicLines,
  toleranceLines,
  unreadableLines,
  warningLines,
} from './words.ts';

export interface TextOptions {
  readonly colour: boolean;
  /** Width of the terminal, in characters. */
  readonly columns: number;
}

const MOST = 20;

/** The report for a terminal: a line for each session, then what differs. */
export function reportTable(reports: readonly SessionReport[], { colour, columns }: TextOptions): string {
  const paint = painter(colour);
  const sessions = sessionRows(reports);
  const rows = sessions.map(({ report: r, span, verdict }) => [
    r.symbol,
    span,
    r.calendar,
    r.expected,
    r.agreeing,
    percentText(r.parity),
    percentText(r.lowerBound),
    verdict,
    causesText(r),
  ]);
  const heads = ['symbol', 'session', 'calendar', 'expected', 'agreeing', 'parity', 'at least', 'verdict', 'causes'];
  const lines = table(heads, rows).trimEnd().split('\n');
  const painted = lines.map((line, i) => {
    const verdict = sessions[i - 1]?.report.verdict;
    if (verdict === undefined) return paint.bold(line);
    return verdict === 'passed' ? line : paint.bad(line);
  });
  const mismatches = reports.flatMap((r) => [...r.mismatches, ...r.offCalendar.mismatches].map((m) => ({ m, r })));
  const shown = mismatches.slice(0, MOST).flatMap(({ m, r }) => mismatchLines(m, r, columns, paint));
  const more = reports.reduce((sum, report) => sum + differingCount(report), 0) - Math.min(MOST, mismatches.length);
  const unreadable = reports.flatMap((report) => unreadableLines(report).slice(0, 1));
  return `${[
    ...painted,
    ...systematicLines(reports).flatMap((line) => ['', ...wrap(`✗ ${line}`, columns).map(paint.bad)]),
    ...warningLines(reports).flatMap((line) => ['', ...wrap(`⚠ ${line}`, columns)]),
    ...(shown.length > 0 ? ['', ...shown] : []),
    ...(unreadable.length > 0 ? ['', ...unreadable.map((line) => `${line} (--format json)`)] : []),
    ...(more > 0 ? ['', `and ${more} more: --format json, markdown or html has up to 100 of each cause`] : []),
    '',
    ...notesLines(reports),
    ...toleranceLines(reports).map(paint.dim),
    paint.dim('"at least": the one-sided 95 % lower confidence bound of the parity.'),
  ].join('\n')}\n`;
}

function mismatchLines(
  mismatch: Mismatch,
  report: SessionReport,
  columns: number,
  paint: ReturnType<typeof painter>,
): string[] {
  const { symbol, start, cause, evidence, firstTick, reproduce } = mismatch;
  const wrapped = (text: string): string[] => wrap(text, Math.max(40, columns - 4)).map((line) => `    ${line}`);
  return [
    `${paint.bad('✗')} ${paint.bold(`${symbol} ${minuteText(start)}`)}  ${cause}`,
    ...wrapped(differenceText(mismatch, report)),
    ...wrapped(`because ${evidence}`),
    ...(firstTick === null ? [] : wrapped(`first differing tick: ${firstTickText(firstTick, report)}`)),
    // Not broken into lines: it is there to be copied.
    paint.dim(`    ${reproduce}`),
  ];
}

function notesLines(reports: readonly SessionReport[]): string[] {
  const counts = new Map<string, number>();
  for (const { noted = {} } of reports)
    for (const [note, count] of Object.entries(noted)) counts.set(note, (counts.get(note) ?? 0) + count);
  const off = reports.reduce((sum, r) => sum + r.offCalendar.compared, 0);
  return [
    ...[...counts]
      .sort()
      .map(([note, count]) => `${count} × ${note}: agreeing bars with something to tell (--format json)`),
    ...(off === 0 ? [] : [`${off} bars outside of the calendar's sessions were compared too, and are not counted.`]),
  ];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
