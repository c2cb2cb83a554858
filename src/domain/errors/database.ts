import type { ErrorList } from './spec.ts';

/** Errors of the SQL database (Postgres, or PGlite). */
export const databaseErrors = {
  'database.unavailable': {
    retry: true,
    exit: 69,
    cause: 'Postgres, or the embedded database, does not answer',
    remedy: 'set PG_DSN to a reachable server, or run `pulse up` to use the embedded database',
    text: (e) =>
      `cannot reach the database at ${e.at}: ${e.reason}; set PG_DSN, or run \`pulse up\` to use the embedded database`,
  },
  'database.full': {
    retry: true,
    exit: 69,
    cause: 'Postgres, or the embedded database, answers, but its disk is full',
    remedy: 'make room on the disk that the message names; nothing is lost meanwhile, and Pulse tries again',
    text: (e) => `the database at ${e.at} has no room left: ${e.reason}; make room on its disk`,
  },
  'database.busy': {
    retry: true,
    exit: 69,
    cause:
      'Postgres answers, but cannot do it now: too many connections, too little memory, a lock, or a read-only server',
    remedy: 'nothing: Pulse tries again; if it lasts, the SQLSTATE in the message says what the server lacks',
    text: (e) => `the database at ${e.at} answers, but does not do it now: ${e.reason}`,
  },
  'database.query': {
    retry: false,
    exit: null,
    cause: 'the database refused a statement',
    remedy: 'report it with the statement and the SQLSTATE that the message names',
    text: (e) => `the database refused a statement (SQLSTATE ${e.sqlstate}): ${e.reason}`,
  },
  'database.refused': {
    retry: false,
    exit: 77,
    status: 503,
    cause: 'Postgres refused the login, or does not have the database',
    remedy: 'correct user, password and database in PG_DSN, or create them',
    text: (e) => `Postgres at ${e.at} refused (SQLSTATE ${e.sqlstate}): ${e.reason}; correct PG_DSN`,
  },
  'database.newer': {
    retry: false,
    exit: 65,
    cause: 'a later version of Pulse has changed the schema of this database',
    remedy: 'run that version, or use another database',
    text: (e) =>
      `the database has step ${e.number} (${e.name}) of a later Pulse; this one knows ${e.newest} steps: run the later one, or use another database`,
  },
  'database.locked': {
    retry: true,
    exit: 73,
    cause: 'another process holds the embedded database in this data directory',
    remedy: 'stop the other `pulse up`, or give another --data-dir',
    text: (e) => `the data directory ${e.path} is in use by process ${e.pid}; stop it, or give another --data-dir`,
  },
} as const satisfies ErrorList;
