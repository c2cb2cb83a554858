import { listeningAtPort, longRunning } from '../command-specs.ts';
import { commandNames, settingsOf } from '../setting.ts';
import { choice, int, path, text, yesNo } from '../value-type.ts';

const setting = settingsOf('Process');

export const processSettings = {
  configFile: setting({
    env: 'PULSE_CONFIG',
    flag: '--config',
    type: path,
    otherwise: 'pulse.config.json, .mjs, .js or .ts in the working directory, where there is one',
    about: 'configuration file',
    services: commandNames,
  }),
  dataDir: setting({
    env: 'PULSE_DATA_DIR',
    flag: '--data-dir',
    type: path,
    default: './data',
    about: 'folder of the embedded engines, the spool and the run file',
    services: commandNames,
  }),
  host: setting({
    env: 'PULSE_HOST',
    flag: '--host',
    type: text('<address>', /^[A-Za-z0-9.:_-]+$/, 'an address or host name'),
    default: '127.0.0.1',
    about: 'address to listen on for /health, /ready and /metrics; one that is not loopback needs PULSE_API_KEY',
    services: listeningAtPort,
  }),
  port: setting({
    env: 'PULSE_PORT',
    flag: '--port',
    type: int({ min: 0, max: 65_535 }),
    default: 7420,
    defaults: { feed: 7421, mirror: 7422, bars: 7423, reconcile: 7424, overseer: 7425, enrichment: 7426 },
    about: 'port to listen on; 0 takes any free one',
    services: listeningAtPort,
  }),
  apiKey: setting({
    env: 'PULSE_API_KEY',
    flag: '--api-key',
    type: text('<key>', /^[\x21-\x7e]{16,}$/, 'a key of at least 16 printable characters without spaces'),
    otherwise: 'none: whoever reaches the address may read',
    secret: true,
    about: 'key that callers send as "Authorization: Bearer <key>" or "X-API-Key: <key>"; /health and /ready need none',
    services: listeningAtPort,
  }),
  insecurePublic: setting({
    env: 'PULSE_INSECURE_PUBLIC',
    flag: '--insecure-public',
    type: yesNo,
    default: false,
    about: 'listen on an address that is not loopback without an API key',
    services: longRunning,
  }),
  instance: setting({
    env: 'PULSE_INSTANCE',
    flag: '--instance',
    type: text('<name>', /^[A-Za-z0-9._-]{1,64}$/, '1 to 64 of A–Z a–z 0–9 . _ -'),
    otherwise: 'host name and process id',
    about: 'name of this process in events and metrics',
    services: longRunning,
  }),
  logLevel: setting({
    env: 'PULSE_LOG_LEVEL',
    flag: '--log-level',
    type: choice(['debug', 'info', 'warn', 'error']),
    default: 'info',
    about: 'lowest level that is logged',
    services: commandNames,
  }),
  logFormat: setting({
    env: 'PULSE_LOG_FORMAT',
    flag: '--log-format',
    type: choice(['auto', 'pretty', 'json']),
    default: 'auto',
    about: 'format of the log; auto: pretty on a terminal, JSON elsewhere',
    services: commandNames,
  }),
  overseerTopic: setting({
    env: 'OVERSEER_TOPIC',
    flag: '--overseer-topic',
    type: text('<topic>', /^[A-Za-z0-9._-]{1,249}$/, 'a topic name: 1 to 249 of A–Z a–z 0–9 . _ -'),
    default: 'overseer-events',
    about: 'topic of the events of every service',
    services: [...longRunning, 'promote', 'rollback', 'doctor', 'topics'],
  }),
};
