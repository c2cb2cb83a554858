import type { ErrorList } from './spec.ts';

const publisher = 'correct the publisher; `pulse dlq list ticks.rejected` shows the payload and where it came from';

/** Reasons for which a tick cannot be used. They stand in `ticks.rejected` and label the counters. */
export const tickErrors = {
  'tick.not-json': {
    retry: false,
    exit: null,
    cause: 'the payload is not JSON',
    remedy: publisher,
    text: (e) => `the payload is not JSON: ${e.value}`,
  },
  'tick.not-object': {
    retry: false,
    exit: null,
    cause: 'the payload is JSON, but not an object',
    remedy: publisher,
    text: (e) => `the payload is not a JSON object: ${e.value}`,
  },
  'tick.symbol.missing': {
    retry: false,
    exit: null,
    cause: 'neither the payload nor its channel names a symbol',
    remedy: publisher,
    text: () => 'the tick names no symbol and its channel gives none',
  },
  'tick.symbol.illegal': {
    retry: false,
    exit: null,
    cause: 'the symbol has characters that a topic cannot have, or is a reserved word',
    remedy: `use A–Z a–z 0–9 . _ - (at most 100, none of "rejected", "*.dlq"); ${publisher}`,
    text: (e) =>
      `the symbol ${JSON.stringify(e.value)} is not 1 to 100 of A–Z a–z 0–9 . _ - (nor "rejected" nor ending in ".dlq")`,
  },
  'tick.symbol.mismatch': {
    retry: false,
    exit: null,
    cause: 'the payload names another symbol than its channel',
    remedy: publisher,
    text: (e) => `the tick says ${JSON.stringify(e.value)} but came on the channel of ${e.allowed}`,
  },
  'tick.ts.missing': {
    retry: false,
    exit: null,
    cause: 'the tick has no ts',
    remedy: publisher,
    text: () => 'the tick has no ts',
  },
  'tick.ts.invalid': {
    retry: false,
    exit: null,
    cause: 'ts is neither a number nor ISO 8601',
    remedy: publisher,
    text: (e) => `ts is ${JSON.stringify(e.value)}; it must be epoch seconds, epoch milliseconds or ISO 8601`,
  },
  'tick.ts.absurd': {
    retry: false,
    exit: null,
    cause: 'ts lies before 1990 or after 2100',
    remedy: publisher,
    text: (e) => `ts ${JSON.stringify(e.value)} lies before 1990 or after 2100`,
  },
  'tick.ts.future': {
    retry: false,
    exit: null,
    cause: 'ts lies more than five minutes after the tick was received; it would close every open bar',
    remedy: `check the clocks of both machines; ${publisher}`,
    text: (e) =>
      `ts ${JSON.stringify(e.value)} lies ${e.ahead} s after the tick was received; at most 300 s is allowed`,
  },
  'tick.price.missing': {
    retry: false,
    exit: null,
    cause: 'the tick has none of price, last, mid, nor both bid and ask',
    remedy: publisher,
    text: () => 'the tick has neither price (or last, mid) nor bid and ask',
  },
  'tick.price.invalid': {
    retry: false,
    exit: null,
    cause: 'the price is not a finite number',
    remedy: publisher,
    text: (e) => `the price ${JSON.stringify(e.value)} is not a finite number`,
  },
  'tick.price.non-positive': {
    retry: false,
    exit: null,
    cause: 'the price is zero or negative, and the instrument does not allow it',
    remedy: `add the symbol to NON_POSITIVE_PRICES if it may trade at or below zero; ${publisher}`,
    text: (e) => `the price ${JSON.stringify(e.value)} is not above zero`,
  },
  'tick.volume.invalid': {
    retry: false,
    exit: null,
    cause: 'the volume is not a decimal of zero or more',
    remedy: publisher,
    text: (e) => `the volume ${JSON.stringify(e.value)} is not a decimal ≥ 0`,
  },
  'tick.too-large': {
    retry: false,
    exit: null,
    cause: 'the payload is larger than a record of the log may be',
    remedy: publisher,
    text: (e) => `the payload has ${e.bytes} bytes; at most ${e.allowed} are allowed`,
  },
  'tick.topic.refused': {
    retry: false,
    exit: null,
    cause:
      'the log does not have a topic for the symbol: its name differs from that of another topic only in `.` and `_`, or a policy or an ACL forbids it',
    remedy:
      'publish the symbol under a name that collides with none, or remove the topic in its way: it is asked for again each minute; `pulse dlq replay ticks.rejected` then sends the payloads again',
    text: (e) => `there is no topic for the symbol ${e.symbol}: ${e.reason}`,
  },
  'tick.late': {
    retry: false,
    exit: null,
    cause: 'the tick came after the correction window of its minute',
    remedy: 'raise BARS_CORRECTION_WINDOW_MS if such delays are usual',
    text: (e) => `the tick of ${e.ts} came ${e.lateness} ms after its minute; the correction window is ${e.allowed} ms`,
  },
} as const satisfies ErrorList;

export type TickFault = keyof typeof tickErrors;
