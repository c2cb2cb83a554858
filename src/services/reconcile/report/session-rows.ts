import type { SessionReport } from '../../../domain/parity/parity-report.ts';
import { spanText, verdictText } from './words.ts';

/** A line of a table of sessions: one session, or a hole in the history, which may be years long. */
export interface SessionRow {
  readonly report: SessionReport;
  readonly span: string;
  readonly verdict: string;
}

/** Fewer sessions without ticks in a row are told one by one. */
const LEAST = 3;

/** The lines of a table of sessions, in order: of sessions without ticks that follow one another there is one line. */
export function sessionRows(reports: readonly SessionReport[]): SessionRow[] {
  const rows: SessionRow[] = [];
  for (let at = 0; at < reports.length; ) {
    const length = holeAt(reports, at);
    const report = reports[at]!;
    if (length < LEAST) {
      rows.push({ report, span: spanText(report), verdict: verdictText[report.verdict] });
      at += 1;
      continue;
    }
    const last = reports[at + length - 1]!;
    rows.push({
      report,
      span: `${report.session} to ${last.session}`,
      verdict: `${verdictText['no ticks']}, ${length.toLocaleString('en')} sessions`,
    });
    at += length;
  }
  return rows;
}

/** How many sessions without any bar of the same symbol follow one another from there. */
function holeAt(reports: readonly SessionReport[], at: number): number {
  const { symbol } = reports[at]!;
  const end = reports.findIndex((report, i) => i >= at && !(report.symbol === symbol && isEmpty(report)));
  return (end === -1 ? reports.length : end) - at;
}

/** Whether there is nothing to tell of a session. */
export const isEmpty = ({ verdict, session, offCalendar }: SessionReport): boolean =>
  verdict === 'no ticks' && session !== null && offCalendar.compared === 0;
