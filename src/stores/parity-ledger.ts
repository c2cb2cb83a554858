import type { CalendarName } from '../domain/calendar/trading-calendar.ts';
import type { GateEntry } from '../domain/parity/gate.ts';
import type { SessionReport } from '../domain/parity/parity-report.ts';
import type { Tolerance } from '../domain/parity/parity-tolerance.ts';
import type { Database } from '../ports/database.ts';
import { migrate } from './migrations.ts';

/** What is known of a report beside itself. */
export interface RecordExtra {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Of the made-up market: it never counts towards a promotion. */
  readonly demo: boolean;
  /** `noise`: of an incumbent with a second incumbent. */
  readonly kind: 'parity' | 'noise';
}

export interface LedgerRow extends RecordExtra {
  readonly report: SessionReport;
}

/** What the gate is counted from, and whether it was made up. */
export interface LedgerEntry extends GateEntry {
  readonly demo: boolean;
}

/** Every session that was reconciled whole. Of a session reconciled again the last report counts. */
export interface ParityLedger {
  /**
   * Whether it was recorded: a report of a session of which a side had more bars when it was recorded before is not, for that side was
   * trimmed since and knows less. The report must name a session and hold all of it. Rejects with `database.*`.
   */
  record(report: SessionReport, extra: RecordExtra): Promise<boolean>;
  /** In order of session. */
  entries(): Promise<LedgerEntry[]>;
  /** Newest first, of one symbol or (null) of all. */
  sessions(symbol: string | null, limit: number): Promise<LedgerRow[]>;
  report(symbol: string, session: string): Promise<SessionReport | null>;
}

interface EntryRow extends Record<string, unknown> {
  symbol: string;
  calendar: CalendarName;
  session: string;
  expected: number;
  agreeing: number;
  incumbent_bars: number;
  candidate_bars: number;
  demo: boolean;
  tolerance: Tolerance;
  warnings: readonly string[];
}

/** Opens the ledger, its schema brought up to date. */
export async function openParityLedger(database: Database): Promise<ParityLedger> {
  await migrate(database);
  return {
    async record(report, { at, demo, kind }) {
      const { symbol, calendar, session, whole, expected, agreeing, bars, verdict } = report;
      if (session === null || !whole) throw new RangeError(`the ledger holds whole sessions, not a part of ${symbol}`);
      const rows = await database.query(
        `INSERT INTO parity_sessions (kind, symbol, calendar, session, recorded_at, demo, expected, agreeing,
           incumbent_bars, candidate_bars, verdict, report)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (kind, symbol, calendar, session) DO UPDATE SET recorded_at = excluded.recorded_at, demo = excluded.demo,
           expected = excluded.expected, agreeing = excluded.agreeing, incumbent_bars = excluded.incumbent_bars,
           candidate_bars = excluded.candidate_bars, verdict = excluded.verdict, report = excluded.report
         WHERE excluded.incumbent_bars >= parity_sessions.incumbent_bars AND excluded.candidate_bars >= parity_sessions.candidate_bars
         RETURNING session`,
        [
          kind,
          symbol,
          calendar,
          session,
          new Date(at),
          demo,
          expected,
          agreeing,
          bars.incumbent,
          bars.candidate,
          verdict,
          JSON.stringify(report),
        ],
      );
      return rows.length > 0;
    },
    async entries() {
      const rows = await database.query<EntryRow>(
        `SELECT symbol, calendar, session, expected, agreeing, incumbent_bars, candidate_bars, demo,
           report->'tolerance' AS tolerance, coalesce(report->'warnings', '[]') AS warnings
         FROM parity_sessions WHERE kind = 'parity' ORDER BY symbol, session`,
      );
      return rows.map(({ incumbent_bars, candidate_bars, ...entry }) => ({
        ...entry,
        bars: { incumbent: incumbent_bars, candidate: candidate_bars },
      }));
    },
    async sessions(symbol, limit) {
      const rows = await database.query<{ report: SessionReport; recorded_at: Date; demo: boolean; kind: 'parity' }>(
        `SELECT report, recorded_at, demo, kind FROM parity_sessions
         WHERE kind = 'parity' AND ($1::text IS NULL OR symbol = $1) ORDER BY session DESC, symbol LIMIT $2`,
        [symbol, limit],
      );
      return rows.map(({ report, recorded_at, demo, kind }) => ({ report, at: recorded_at.getTime(), demo, kind }));
    },
    async report(symbol, session) {
      const [row] = await database.query<{ report: SessionReport }>(
        `SELECT report FROM parity_sessions WHERE kind = 'parity' AND symbol = $1 AND session = $2`,
        [symbol, session],
      );
      return row?.report ?? null;
    },
  };
}
