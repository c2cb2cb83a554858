import type { ErrorList } from './spec.ts';

/** ` (EURUSD, GBPUSD and 3 more)`; nothing where there are none. */
function symbolsText(symbols: unknown): string {
  if (!Array.isArray(symbols) || symbols.length === 0) return '';
  return ` (${symbols.slice(0, 5).join(', ')}${symbols.length > 5 ? ` and ${symbols.length - 5} more` : ''})`;
}

/** Errors of reconciliation. */
export const parityErrors = {
  'parity.session.date': {
    retry: false,
    exit: 64,
    cause: 'the name of a session is not a date',
    remedy: 'name the session by its date, YYYY-MM-DD; an fx session by the date on which it ends',
    text: (e) => `${JSON.stringify(e.value)} is not a date YYYY-MM-DD`,
  },
  'parity.session.closed': {
    retry: false,
    exit: 64,
    cause: 'a session was named on which the market stays closed',
    remedy: 'name a trading day of the calendar; an fx session is named by the date on which it ends',
    text: (e) =>
      `${e.symbol} has no session on ${e.date}: the calendar ${e.calendar} is closed; the one before is ${e.before}`,
  },
  'parity.session.open': {
    retry: false,
    exit: 64,
    cause: 'a session was named of which no minute is settled yet: it lies in the future, or has only just begun',
    remedy:
      'name one that has begun; it goes into the ledger once it has ended and its last bar can no longer be corrected',
    text: (e) =>
      `nothing of the session ${e.date} of ${e.symbol} is settled yet: it begins at ${e.begins}; the last one that ended is ${e.before}`,
  },
  'parity.bars.unreadable': {
    retry: false,
    exit: 65,
    cause: 'the older form of the incumbent is not a JSON array of bars',
    remedy:
      'correct REDIS_BARS_KEY, or what writes that key: an array of {ts, o, h, l, c, v} or of [ts, o, h, l, c, v]',
    text: (e) => `the key ${e.key} (REDIS_BARS_KEY) does not hold a JSON array of bars: ${e.reason}`,
  },
  'parity.reference.unreadable': {
    retry: false,
    exit: 66,
    cause: 'the file of reference bars does not exist, is a directory, or may not be read',
    remedy: 'correct the path, or the rights of the file',
    text: (e) => `cannot read the reference ${e.path}: ${e.reason}`,
  },
  'parity.reference': {
    retry: false,
    exit: 65,
    cause: 'a line of the reference is not a bar',
    remedy: 'give one bar a line, as {"ts","o","h","l","c","v","n"} with ts in epoch seconds',
    text: (e) => `${e.path}:${e.line} is no bar {"ts","o","h","l","c","v","n"}: ${e.value}`,
  },
  'parity.reference.symbols': {
    retry: false,
    exit: 64,
    cause: 'a reference whose lines name no symbol was given for a tape of several',
    remedy: 'name the "symbol" on each line of the reference, or pick one of the tape with --symbol',
    text: (e) =>
      `lines of the reference name no symbol, but the tape holds ${e.symbols}; name them, or pick one with --symbol`,
  },
  'parity.no-bars': {
    retry: false,
    exit: 4,
    cause: 'neither side has bars for what was to be reconciled',
    remedy: 'check the symbol, and that both `pulse bars` run; `pulse topics` shows what the log holds',
    text: (e) =>
      `neither side has bars of ${e.symbol} in the interval; check the symbol, and that both \`pulse bars\` run`,
  },
  'parity.promote.refused': {
    retry: false,
    exit: 2,
    cause: 'promotion was asked for before the gate has passed',
    remedy: 'see `pulse parity`, or promote anyway with --force and a --reason',
    text: (e) =>
      `the gate is not passed: ${e.state}${symbolsText(e.symbols)}; see \`pulse parity\`, or use --force with --reason`,
  },
} as const satisfies ErrorList;
