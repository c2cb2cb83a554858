import { defaultBarOptions } from '../../../domain/bar/bar-options.ts';
import { settingsOf } from '../setting.ts';
import { choice, int, list, text, timeZone, yesNo } from '../value-type.ts';

const setting = settingsOf('Bars');
const services = ['up', 'bars', 'verify'] as const;
/** When a bar is settled must be known wherever sessions are reconciled or counted. */
const settlement = [...services, 'reconcile', 'parity', 'promote', 'mcp2', 'mcp'] as const;
/** Enrichment builds bars of its own, that settle as they close. */
const builders = [...services, 'enrichment', 'enrich-file'] as const;

export const barSettings = {
  barsInput: setting({
    env: 'BARS_SOURCE',
    flag: '--source',
    type: choice(['kafka', 'redis']),
    default: 'kafka',
    about: 'where this builder takes its ticks: kafka is the candidate, redis the incumbent',
    services: ['bars'],
  }),
  graceMs: setting({
    env: 'BARS_GRACE_MS',
    flag: '--grace-ms',
    type: int({ min: 0, max: 600_000 }),
    default: defaultBarOptions.graceMs,
    about: 'a minute closes when a tick arrives that is this much later than the end of the minute',
    services: [...settlement, 'enrichment', 'enrich-file'],
  }),
  idleCloseMs: setting({
    env: 'BARS_IDLE_CLOSE_MS',
    flag: '--idle-close-ms',
    type: int({ min: 100, max: 3_600_000 }),
    default: defaultBarOptions.idleCloseMs,
    about: 'a minute that has ended also closes after this long without a tick',
    services: [...settlement, 'enrichment'],
  }),
  correctionWindowMs: setting({
    env: 'BARS_CORRECTION_WINDOW_MS',
    flag: '--correction-window-ms',
    type: int({ min: 0, max: 86_400_000 }),
    default: defaultBarOptions.correctionWindowMs,
    about: 'how long after grace a late tick still corrects its bar; later ones are rejected',
    services: settlement,
  }),
  timestampOn: setting({
    env: 'BARS_TIMESTAMP_ON',
    flag: '--timestamp-on',
    type: choice(['open', 'close']),
    default: defaultBarOptions.timestampOn,
    about: 'whether the ts of a bar is its start or its end; one that is stamped on its end carries its start too',
    services,
  }),
  buildWithNoUpdates: setting({
    env: 'BARS_BUILD_WITH_NO_UPDATES',
    flag: '--build-with-no-updates',
    type: yesNo,
    default: defaultBarOptions.buildWithNoUpdates,
    about: 'write a bar at the last close, with n = 0, for each minute without ticks',
    services,
  }),
  skipFirstPartial: setting({
    env: 'BARS_SKIP_FIRST_PARTIAL',
    flag: '--skip-first-partial',
    type: yesNo,
    default: defaultBarOptions.skipFirstPartial,
    about: 'leave out the first minutes that were not seen completely, instead of marking them partial',
    services,
  }),
  originTimeZone: setting({
    env: 'BARS_TIME_ZONE',
    flag: '--time-zone',
    type: timeZone,
    default: defaultBarOptions.timeZoneOrigin.timeZone,
    about: 'time zone in which four-hour and daily bars begin',
    services: builders,
  }),
  originHour: setting({
    env: 'BARS_TIME_ZONE_HOUR',
    flag: '--time-zone-hour',
    type: int({ min: 0, max: 23 }),
    default: defaultBarOptions.timeZoneOrigin.hour,
    about: 'hour of that time zone at which a day begins: 17 for a New York close',
    services: builders,
  }),
  composites: setting({
    env: 'BARS_COMPOSITES',
    flag: '--composites',
    type: list(choice(['5m', '15m', '1h', '4h', '1d']), 0),
    default: [],
    about: 'longer bars to compose from the 1m bars',
    services,
  }),
  nonPositivePrices: setting({
    env: 'NON_POSITIVE_PRICES',
    flag: '--non-positive-prices',
    type: list(text('<pattern>', /^[A-Za-z0-9._*?-]+$/, 'a symbol pattern, such as CL*'), 0),
    default: [],
    about: 'symbols that may trade at or below zero',
    services: [...builders, 'reconcile', 'instruments'],
  }),
  barStreamLength: setting({
    env: 'BARS_STREAM_LENGTH',
    flag: '--bars-stream-length',
    type: int({ min: 1_440 }),
    default: 100_000,
    about: 'approximate number of bars that stream:bar:1m:<SYMBOL> keeps',
    services: ['up', 'bars', 'doctor'],
  }),
};
