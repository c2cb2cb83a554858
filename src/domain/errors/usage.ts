import type { ErrorList } from './spec.ts';

/** Errors of the command line and the configuration. */
export const usageErrors = {
  'config.invalid': {
    retry: false,
    exit: 64,
    cause: 'a setting has a value that is not allowed',
    remedy: 'correct the value where the message says it came from; `pulse <command> --help` lists what is allowed',
    text: (e) =>
      `${e.setting}: ${JSON.stringify(e.value)} (${e.source}) is not ${e.allowed}${e.default === undefined ? '' : `; the default is ${e.default}`}`,
  },
  'config.unknown': {
    retry: false,
    exit: 64,
    cause: 'the configuration file, or a variable that begins with PULSE_, names a setting that does not exist',
    remedy: 'correct the name, or remove it; docs/configuration.md lists every setting',
    text: (e) =>
      `${e.setting}: (${e.source}) is not a setting${e.nearest === null ? '' : `; did you mean ${e.nearest}?`}`,
  },
  'config.file': {
    retry: false,
    exit: 64,
    cause: 'the configuration file cannot be used',
    remedy: 'correct the file, or name another with --config',
    text: (e) => `${e.path}: ${e.reason}`,
  },
  'config.missing': {
    retry: false,
    exit: 64,
    // A route may need what the service does without.
    status: 503,
    cause: 'a command needs a setting that has no default',
    remedy: 'set the variable or the flag that the message names, or run `pulse up`, which needs none',
    text: (e) => `${e.setting} is not set, and \`pulse ${e.command}\` needs it: ${e.about}`,
  },
  'config.conflict': {
    retry: false,
    exit: 64,
    cause: 'two settings conflict',
    remedy: 'change one of the settings that the message names',
    text: (e) => `${e.settings}: ${e.rule}`,
  },
  'usage.invalid': {
    retry: false,
    exit: 64,
    cause: 'the command line names a command, flag or argument that does not exist, or leaves one out',
    remedy: '`pulse --help` lists the commands, `pulse <command> --help` their flags and arguments',
    text: (e) => `${e.problem}; see \`${e.help}\``,
  },
} as const satisfies ErrorList;
