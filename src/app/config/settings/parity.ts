import { instrumentFile } from '../instrument-table.ts';
import { settingsOf } from '../setting.ts';
import { bySymbol, choice, day, decimal, instant, int, path, schedule, symbol, text, yesNo } from '../value-type.ts';

const setting = settingsOf('Parity');
const gateReaders = ['up', 'reconcile', 'parity', 'promote', 'verify', 'mcp2', 'mcp', 'instruments'] as const;
const gateJudges = ['up', 'parity', 'promote', 'mcp2', 'mcp'] as const;
const calendarReaders = [...gateReaders, 'enrichment', 'enrich-file'] as const;

export const paritySettings = {
  symbol: setting({
    flag: '--symbol',
    type: symbol,
    otherwise: 'every symbol',
    about: 'the symbol',
    services: ['reconcile', 'parity'],
  }),
  all: setting({ flag: '--all', type: yesNo, default: false, about: 'every symbol', services: ['reconcile'] }),
  session: setting({
    flag: '--session',
    type: day,
    otherwise: 'none',
    about: 'the session of that day',
    services: ['reconcile'],
  }),
  from: setting({
    flag: '--from',
    type: instant,
    otherwise: 'none',
    about: 'start of the interval, included',
    services: ['reconcile', 'feed'],
  }),
  to: setting({
    flag: '--to',
    type: instant,
    otherwise: 'none',
    about: 'end of the interval, excluded',
    services: ['reconcile', 'feed'],
  }),
  watch: setting({
    env: 'RECONCILE_SCHEDULE',
    flag: '--watch',
    type: schedule,
    otherwise: 'once',
    about: 'keep running, and reconcile ended sessions on this schedule (UTC)',
    services: ['reconcile'],
  }),
  noise: setting({
    flag: '--noise',
    type: yesNo,
    default: false,
    about:
      'A/A, for the noise floor: reconcile compares the incumbent with a second incumbent, which bars --source redis --noise (or up --noise) runs',
    services: ['reconcile', 'bars', 'up'],
  }),
  format: setting({
    flag: '--format',
    type: choice(['table', 'json', 'markdown', 'html']),
    default: 'table',
    about: 'format of the report',
    services: ['reconcile'],
  }),
  output: setting({
    flag: '--output',
    type: path,
    otherwise: 'standard output',
    about: 'file for the report',
    services: ['reconcile'],
  }),
  instruments: setting({
    env: 'PULSE_INSTRUMENTS',
    flag: '--instruments',
    type: instrumentFile,
    otherwise: 'built-in rules',
    about: 'table of instruments: increments, pips, contract sizes, currencies, calendars, tolerances',
    services: [...calendarReaders, 'bars', 'analyze', 'llm'],
  }),
  pipSize: setting({
    env: 'PIP_SIZE',
    flag: '--pip-size',
    type: decimal({ above: 0 }),
    otherwise: "the instrument's price increment",
    about: 'size of one price tick, for symbols that the table of instruments gives none for',
    services: gateReaders,
  }),
  tolPriceTicks: setting({
    env: 'TOL_PRICE_TICKS',
    flag: '--tol-price-ticks',
    type: int({ min: 0 }),
    otherwise: '1',
    about: 'price difference, in ticks, that still counts as equal; the gate counts sessions within this, or less',
    services: gateReaders,
  }),
  tolVolume: setting({
    env: 'TOL_VOLUME',
    flag: '--tol-volume',
    type: decimal({ min: 0 }),
    otherwise: "the instrument's volume increment",
    about: 'volume difference that still counts as equal; the gate counts sessions within this, or less',
    services: gateReaders,
  }),
  minSessionBars: setting({
    env: 'GATE_MIN_SESSION_BARS',
    flag: '--min-session-bars',
    type: int({ min: 1 }),
    default: 30,
    about: 'minimum number of expected bars in a session; one with fewer does not count towards the gate',
    services: [...gateJudges, 'reconcile', 'verify'],
  }),
  minRunBars: setting({
    env: 'GATE_MIN_RUN_BARS',
    flag: '--min-run-bars',
    type: int({ min: 1 }),
    default: 1_000,
    about:
      'minimum number of expected bars in all sessions of a run; if a symbol trades rarely, the run goes on until it has them',
    services: gateJudges,
  }),
  proven: setting({
    env: 'GATE_PROVEN',
    flag: '--proven',
    type: yesNo,
    default: false,
    about: 'the gate also demands that the lower 95 % bound of the parity reaches the threshold',
    services: gateJudges,
  }),
  windowBars: setting({
    env: 'WINDOW_BARS',
    flag: '--window-bars',
    type: int({ min: 1 }),
    default: 1440,
    about: 'number of bars to reconcile when neither a session nor an interval is given',
    services: ['up', 'reconcile'],
  }),
  redisBarsKey: setting({
    env: 'REDIS_BARS_KEY',
    flag: '--redis-bars-key',
    type: text('<key>', /<SYMBOL>/, 'a key that contains <SYMBOL>'),
    default: 'bars:<SYMBOL>:1m',
    about: 'key of the older form of the incumbent: a JSON array of bars',
    services: ['up', 'reconcile', 'parity', 'promote', 'mcp2', 'mcp', 'instruments'],
  }),
  calendars: setting({
    env: 'CALENDARS',
    flag: '--calendars',
    type: bySymbol(choice(['24x7', 'fx', 'us-equities'])),
    otherwise: "the instrument's",
    about: 'trading calendar by symbol pattern; the first match counts, before built-in rules',
    services: calendarReaders,
  }),
  barSource: setting({
    env: 'PULSE_BAR_SOURCE',
    flag: '--bar-source',
    type: choice(['redis', 'kafka']),
    default: 'redis',
    about: 'side from which readers take bars until `pulse promote` or `pulse rollback` says otherwise',
    services: ['up', 'bars', 'parity', 'promote', 'rollback', 'mcp2', 'mcp'],
  }),
  reason: setting({
    flag: '--reason',
    type: text('<text>'),
    otherwise: 'none',
    about: 'why; goes into the event',
    services: ['promote', 'rollback'],
  }),
  force: setting({
    flag: '--force',
    type: yesNo,
    default: false,
    about: 'promote before the gate has passed; needs --reason',
    services: ['promote'],
  }),
};
