import type { ErrorList } from './spec.ts';

/** JSON has no word for what is absent, nor for what is no number. */
const shown = (value: unknown): string =>
  value === undefined ? 'missing' : typeof value === 'number' ? String(value) : JSON.stringify(value);

/** Errors of bars. */
export const barErrors = {
  'bar.not-json': {
    retry: false,
    exit: null,
    cause: 'a record on a topic of bars is not a JSON object',
    remedy: 'find what else writes to that topic; `pulse dlq` shows the record',
    text: (e) => `the bar is not a JSON object: ${JSON.stringify(e.value)}`,
  },
  'bar.field': {
    retry: false,
    exit: null,
    cause: 'a field of a bar is missing or is not of its kind',
    remedy: 'find what wrote the bar; `pulse dlq` shows the record',
    text: (e) => `the bar's ${e.field} is ${shown(e.value)}; it must be ${e.allowed}`,
  },
  'bar.range': {
    retry: false,
    exit: null,
    cause: 'the open or close of a bar lies outside its low and high',
    remedy: 'find what wrote the bar: no ticks can give it',
    text: (e) =>
      `the bar is impossible: open ${e.open}, high ${e.high}, low ${e.low}, close ${e.close}; low ≤ open, close ≤ high must hold`,
  },
} as const satisfies ErrorList;
