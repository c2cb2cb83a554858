import type { SessionReport } from '../../../domain/parity/parity-report.ts';
import { sessionRows } from './session-rows.ts';
import {
  causesText,
  differenceText,
  differingCount,
  firstTickText,
  minuteText,
  percentText,
  spanText,
  systematicLines,
  toleranceLines,
  unreadableLines,
  warningLines,
} from './words.ts';

const cell = (text: string | number): string =>
  String(text).replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
const row = (cells: readonly (string | number)[]): string => `| ${cells.map(cell).join(' | ')} |`;
const heads = (names: readonly string[], numbers: number): string[] => [
  row(names),
  `|${names.map((_, i) => (i < numbers ? ' --- ' : ' ---: ')).join('|')}|`,
];

/** The report as Markdown, for a ticket or a wiki. */
export function reportMarkdown(reports: readonly SessionReport[]): string {
  const lines = [
    '# Parity',
    '',
    ...heads(['symbol', 'session', 'calendar', 'verdict', 'causes', 'expected', 'agreeing', 'parity', 'at least'], 5),
    ...sessionRows(reports).map(({ report: r, span, verdict }) =>
      row([
        r.symbol,
        span,
        r.calendar,
        verdict,
        causesText(r),
        r.expected,
        r.agreeing,
        percentText(r.parity),
        percentText(r.lowerBound),
      ]),
    ),
    '',
    'At least: the one-sided 95 % lower confidence bound of the parity.',
    '',
    ...systematicLines(reports).map((line) => `- **Systematic fault:** ${cell(line)}`),
    ...warningLines(reports).map((line) => `- **Warning:** ${cell(line)}`),
    ...toleranceLines(reports).map((line) => `- ${cell(line)}`),
  ];
  for (const report of reports) lines.push(...mismatchLines(report), ...unreadableSection(report));
  return `${lines.join('\n')}\n`;
}

function mismatchLines(report: SessionReport): string[] {
  const mismatches = [...report.mismatches, ...report.offCalendar.mismatches];
  if (mismatches.length === 0) return [];
  const more = differingCount(report) - mismatches.length;
  return [
    '',
    `## ${report.symbol}, ${spanText(report)}`,
    '',
    ...heads(['bar', 'cause', 'difference', 'evidence', 'first differing tick', 'command'], 6),
    ...mismatches.map((m) =>
      row([
        minuteText(m.start),
        m.cause,
        differenceText(m, report),
        m.evidence,
        m.firstTick === null ? '' : firstTickText(m.firstTick, report),
        `\`${m.reproduce}\``,
      ]),
    ),
    ...(more > 0 ? ['', `and ${more} more of these causes`] : []),
  ];
}

function unreadableSection(report: SessionReport): string[] {
  const [heading, ...lines] = unreadableLines(report);
  return heading === undefined ? [] : ['', `## ${heading}`, '', ...lines.map((line) => `- ${cell(line)}`)];
}
