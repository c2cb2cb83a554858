import type { ErrorList } from './spec.ts';

/** The settings of where something listens: as the evidence names them, or else those of the process. */
const listens = (settings: unknown): { readonly host: string; readonly port: string } =>
  (settings as ReturnType<typeof listens> | undefined) ?? {
    host: '--host (PULSE_HOST)',
    port: '--port (PULSE_PORT)',
  };

/** Errors of the process that runs services. */
export const hostErrors = {
  'host.port-in-use': {
    retry: false,
    exit: 73,
    cause: 'another process listens on the port',
    remedy: 'stop that process, or give another port by the setting that the message names; port 0 takes any free one',
    text: (e) =>
      `port ${e.port} of ${e.host} is in use; stop what listens there, or give another ${listens(e.settings).port}`,
  },
  'host.address': {
    retry: false,
    exit: 73,
    cause: 'Pulse cannot listen on the address: it is not an address of this machine, or the port needs more rights',
    remedy: 'give an address of this machine, and a port above 1023, by the settings that the message names',
    text: (e) =>
      `cannot listen on ${e.host}:${e.port}: ${e.reason}; correct ${listens(e.settings).host} or ${listens(e.settings).port}`,
  },
  'host.data-dir': {
    retry: false,
    exit: 73,
    cause: 'the data directory cannot be made or written',
    remedy: 'make the directory writable for this user, or give another --data-dir',
    text: (e) => `the data directory ${e.path} cannot be used: ${e.reason}; give another --data-dir (PULSE_DATA_DIR)`,
  },
  'host.data-dir.in-use': {
    retry: false,
    exit: 73,
    cause: 'another `pulse up` runs in this data directory',
    remedy: 'stop the other `pulse up`, or give another --data-dir',
    text: (e) =>
      `the data directory ${e.path} is in use by process ${e.pid}; stop it, or give another --data-dir (PULSE_DATA_DIR)`,
  },
  'host.not-running': {
    retry: false,
    exit: 69,
    cause: 'a command asked the running `pulse up` of a data directory, and it did not answer',
    remedy: 'start `pulse up`, name its --data-dir, or set the URL of the engine that the command needs',
    text: (e) => `\`pulse up\` in ${e.path} did not answer at ${e.address}: ${e.reason}`,
  },
  'host.not-ready': {
    retry: false,
    exit: 69,
    cause: 'a service that was to play a tape did not become ready',
    remedy: 'the message says what it waits for; `pulse doctor` looks at every engine',
    text: (e) => `${e.service} was not ready within ${e.seconds} s: it ${e.detail}; see \`pulse doctor\``,
  },
  'host.drain': {
    retry: false,
    exit: 75,
    cause: 'a service did not end within 10 s of being told to',
    remedy: 'nothing is lost: what was not acknowledged is done again at the next start; report it if it happens often',
    text: (e) =>
      `${e.services} did not drain within ${e.seconds} s and ${Array.isArray(e.services) && e.services.length > 1 ? 'were' : 'was'} cut off`,
  },
  'host.unexpected': {
    retry: false,
    exit: 70,
    cause: 'a defect in Pulse',
    remedy: 'report it with the lines that the log has before it',
    text: (e) => `unexpected: ${e.reason}`,
  },
  'host.demo': {
    retry: false,
    exit: 69,
    cause: 'an engine failed while the first start of `pulse up` played its past sessions',
    remedy: 'fix what the message names, and start again: the sessions are played again',
    text: (e) =>
      `the past sessions of the first start could not be played to their end: ${e.reason}; start again, and they are played anew`,
  },
  'engine.silent': {
    retry: true,
    exit: 69,
    cause: 'an engine did not answer a ping',
    remedy: 'check that server and the network to it; `pulse doctor` checks each engine',
    text: (e) => `${e.engine} gave no answer within ${e.seconds} s`,
  },
  'host.up-unreachable': {
    retry: true,
    exit: 69,
    cause: 'the `pulse up` that holds the embedded database does not answer',
    remedy: 'look at its terminal, or stop it and try again; where it asks for a key, set PULSE_API_KEY here too',
    text: (e) => `the running \`pulse up\` at ${e.address} does not answer as it should: ${e.reason}`,
  },
  'disk.unwritable': {
    retry: true,
    exit: 73,
    cause: 'an engine in this process, or the spool, cannot write to its folder: the disk is full, read-only or fails',
    remedy:
      'make room on that disk, or give another --data-dir; nothing that was acknowledged is lost, and Pulse tries again',
    text: (e) => `cannot write ${e.path}: ${e.reason}; look at that disk, or give another --data-dir (PULSE_DATA_DIR)`,
  },
  'file.unwritable': {
    retry: false,
    exit: 73,
    cause: 'a file that was to be written cannot be made, or its disk is full',
    remedy: 'give a path in a folder that exists, may be written to and has room',
    text: (e) => `cannot write ${e.path}: ${e.reason}`,
  },
} as const satisfies ErrorList;
