import { settingsOf } from '../setting.ts';
import { choice, int, list, path, regularExpression, since, text, yesNo } from '../value-type.ts';

const setting = settingsOf('Options');

export const toolSettings = {
  json: setting({
    flag: '--json',
    type: yesNo,
    default: false,
    about: 'print JSON',
    services: ['verify', 'doctor', 'dlq', 'topics', 'parity', 'analyze', 'docs', 'llm', 'instruments'],
  }),
  reset: setting({
    flag: '--reset',
    type: yesNo,
    default: false,
    about: 'delete the data directory first',
    services: ['up'],
  }),
  reference: setting({
    flag: '--reference',
    type: path,
    otherwise: 'none',
    about: 'file of bars that each bar must equal',
    services: ['verify'],
  }),
  engines: setting({
    flag: '--engines',
    type: choice(['embedded', 'real']),
    default: 'embedded',
    about: 'engines to play through; real: those of REDIS_URL, KAFKA_BOOTSTRAP_SERVERS and PG_DSN',
    services: ['verify'],
  }),
  since: setting({
    flag: '--since',
    type: since,
    otherwise: 'where it left off',
    about: 'print the events since then, and end; with --follow keep running',
    services: ['overseer'],
  }),
  follow: setting({
    flag: '--follow',
    type: yesNo,
    default: false,
    about: 'keep running after --since',
    services: ['overseer'],
  }),
  grep: setting({
    flag: '--grep',
    type: regularExpression,
    otherwise: 'everything',
    about: 'print only the lines that match',
    services: ['overseer'],
  }),
  groups: setting({
    flag: '--groups',
    type: list(text('<group>')),
    otherwise: "Pulse's own",
    about: 'consumer groups whose lag is shown',
    services: ['topics'],
  }),
  limit: setting({
    flag: '--limit',
    type: int({ min: 1, max: 100_000 }),
    default: 20,
    about: 'maximum number of dead letters to show or replay, or of documents to list or find',
    services: ['dlq', 'docs'],
  }),
  target: setting({
    flag: '--to-place',
    type: text('<topic|stream>'),
    otherwise: 'where each came from',
    about: 'replay to this topic or stream instead',
    services: ['dlq'],
  }),
};
