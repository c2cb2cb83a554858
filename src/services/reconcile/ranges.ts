import { MINUTE } from '../../domain/base/timeframe.ts';
import type { Session, TradingCalendar } from '../../domain/calendar/trading-calendar.ts';
import { PulseError } from '../../domain/errors/errors.ts';

/** What to reconcile of a symbol. Moments are epoch milliseconds; `newest`: so many minutes up to the newest closed bar. */
export type Wanted =
  | { readonly session: string }
  | { readonly from: number; readonly to: number }
  | { readonly newest: number }
  | { readonly every: 'session' };

/** A stretch [from, to) that holds at most one session. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly session: Session | null;
}

/**
 * The pieces to compare, in order. `starts`: of all bars of either side. `closed`: the end of the last minute that surely stands on both
 * sides; no piece reaches further. Rejects with `parity.session.closed` or, where nothing of the session is closed, `parity.session.open`.
 */
export function piecesOf(
  wanted: Wanted,
  symbol: string,
  calendar: TradingCalendar,
  starts: readonly number[],
  closed: number,
): Piece[] {
  const last = starts.reduce((a, b) => (b < closed && b > a ? b : a), Number.NEGATIVE_INFINITY);
  if ('session' in wanted) return [sessionPiece(wanted.session, symbol, calendar, closed)];
  if ('from' in wanted) return split(calendar, wanted.from, Math.min(wanted.to, Math.max(closed, wanted.from)));
  if (last === Number.NEGATIVE_INFINITY) return [];
  if ('newest' in wanted) return split(calendar, last + MINUTE - wanted.newest * MINUTE, last + MINUTE);
  const first = starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const from = calendar.sessionOf(first)?.from ?? first;
  return split(calendar, from, Math.min(calendar.sessionOf(last)?.to ?? last + MINUTE, closed));
}

function sessionPiece(date: string, symbol: string, calendar: TradingCalendar, closed: number): Piece {
  const session = calendar.session(date);
  if (session === null) {
    const before = calendar.lastEnded(Date.parse(`${date}T12:00:00Z`)).date;
    throw new PulseError('parity.session.closed', { symbol, date, calendar: calendar.name, before });
  }
  if (session.from >= closed) {
    const begins = new Date(session.from).toISOString();
    throw new PulseError('parity.session.open', { symbol, date, begins, before: calendar.lastEnded(closed).date });
  }
  return { from: session.from, to: Math.min(session.to, closed), session };
}

/** Cuts [from, to) where sessions begin. */
function split(calendar: TradingCalendar, from: number, to: number): Piece[] {
  const sessions = calendar.sessionsBetween(from, to);
  if (from >= to) return [];
  if (sessions.length === 0) return [{ from, to, session: null }];
  return sessions.map((session, i) => ({
    from: i === 0 ? from : session.from,
    to: sessions[i + 1]?.from ?? to,
    session,
  }));
}
