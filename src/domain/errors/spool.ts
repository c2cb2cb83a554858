import type { ErrorList } from './spec.ts';

/** Errors of the spool, in which ticks wait on disk. */
export const spoolErrors = {
  'spool.locked': {
    retry: false,
    exit: 73,
    cause: 'another mirror, incumbent bars or `pulse up` has its spool in this data directory',
    remedy:
      'stop the other process, or give this one a --data-dir of its own; two mirrors on two folders are a pair of which one stands by',
    text: (e) =>
      `the spool ${e.path} is in use by process ${e.pid}; stop it, or give another --data-dir (PULSE_DATA_DIR)`,
  },
} as const satisfies ErrorList;
