import { settingsOf } from '../setting.ts';
import { choice, int, list, path, text } from '../value-type.ts';

const setting = settingsOf('Enrichment');
const services = ['up', 'enrichment'] as const;

export const enrichmentSettings = {
  tickStream: setting({
    env: 'TICK_STREAM',
    flag: '--tick-stream',
    type: text('<stream>', /^[^\s]{1,200}$/, 'a name without spaces'),
    otherwise: '<STREAM_VERSION_PREFIX>:ticks:l1, so v2:ticks:l1',
    about: 'Redis Stream of ticks to enrich: JSON in the field j, or the fields of a tick',
    services: ['up', 'enrichment', 'doctor'],
  }),
  consumer: setting({
    env: 'CONSUMER',
    flag: '--consumer',
    type: text('<name>', /^[A-Za-z0-9._-]{1,64}$/, '1 to 64 of A–Z a–z 0–9 . _ -'),
    otherwise: 'PULSE_INSTANCE, so host name and process id',
    about:
      'name of this worker in the group enrichers; a worker that comes back under its name continues its entries at once, one with another name waits until they are idle',
    services,
  }),
  enrichBatch: setting({
    env: 'ENRICH_BATCH',
    flag: '--enrich-batch',
    type: int({ min: 1, max: 20_000 }),
    default: 2_000,
    about: 'maximum number of entries in one transaction',
    services,
  }),
  enrichHistory: setting({
    env: 'ENRICH_HISTORY',
    flag: '--enrich-history',
    type: int({ min: 0, max: 1_000_000 }),
    otherwise: 'all that the stream holds',
    defaults: { up: 20_000 },
    about:
      'number of newest entries with which the first run of enrichment begins; older ones are read only for the indicators',
    services,
  }),
  claimMinIdleMs: setting({
    env: 'CLAIM_MIN_IDLE_MS',
    flag: '--claim-min-idle-ms',
    type: int({ min: 500, max: 3_600_000 }),
    default: 60_000,
    about:
      'another worker takes over entries that stay unacknowledged for this long, but not before twice the time of the slowest batch',
    services,
  }),
  retentionDays: setting({
    env: 'RETENTION_DAYS',
    flag: '--retention-days',
    type: int({ min: 0, max: 36_500 }),
    default: 30,
    defaults: { up: 2 },
    about: 'days to keep enriched ticks and analyses; 0: for ever',
    services,
  }),
  lagLimitSeconds: setting({
    env: 'ENRICH_LAG_LIMIT_SECONDS',
    flag: '--lag-limit-seconds',
    type: int({ min: 1 }),
    default: 60,
    about: 'seconds that enrichment may be behind its stream before it warns',
    services,
  }),
  analysisTopic: setting({
    env: 'KAFKA_ANALYSIS_TOPIC',
    flag: '--kafka-analysis-topic',
    type: text('<topic>', /^[A-Za-z0-9._-]{1,249}$/, 'a topic name: 1 to 249 of A–Z a–z 0–9 . _ -'),
    default: 'final-analysis-payloads',
    about: 'topic of the analyses',
    services: ['up', 'enrichment', 'doctor', 'topics'],
  }),
  analysisTimeframes: setting({
    env: 'ANALYSIS_TIMEFRAMES',
    flag: '--analysis-timeframes',
    type: list(choice(['1m', '5m', '15m', '1h', '4h', '1d'])),
    default: ['1m', '5m', '15m', '1h'],
    about: 'timeframes whose bars get an analysis when they close; conflicts are looked for between these timeframes',
    services: ['up', 'enrichment', 'enrich-file'],
  }),
  indicatorsFile: setting({
    env: 'INDICATORS_FILE',
    flag: '--indicators-file',
    type: path,
    otherwise:
      'pulse.indicators.json in the working directory, where there is one; else every indicator with its usual values',
    about: 'JSON file that switches groups of indicators on and off and sets their lengths; docs/indicators.md',
    services: ['up', 'enrichment', 'enrich-file'],
  }),
  enrichOut: setting({
    flag: '--out',
    type: path,
    otherwise: 'standard output, as NDJSON',
    about: 'file to write: .ndjson or .csv, also with .gz, or .parquet',
    services: ['enrich-file'],
  }),
  enrichAnalyses: setting({
    flag: '--analyses',
    type: path,
    otherwise: 'none',
    about: 'file for the analyses of closed bars: .ndjson or .csv, also with .gz, or .parquet',
    services: ['enrich-file'],
  }),
  timeframe: setting({
    flag: '--timeframe',
    type: choice(['1m', '5m', '15m', '1h', '4h', '1d']),
    default: '1m',
    about: 'timeframe of the analysis that is shown',
    services: ['analyze'],
  }),
};
