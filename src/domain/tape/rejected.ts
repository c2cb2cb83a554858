import type { TickFault } from '../errors/tick.ts';

/** Topic, and on Redis stream, of ticks that cannot be used: the original bytes, and in headers (fields) why and where from. */
export const REJECTED_TOPIC = 'ticks.rejected';
export const REJECTED_STREAM = 'stream:ticks:rejected';

/** Most characters of a message: it may quote what a publisher sent. */
const MESSAGE_LENGTH = 1_000;

/** Header of a dead letter that is not the message itself, which its log does not take, but says where it is: it must not be sent to where the message belongs. */
export const NOTICE = 'notice';

/** A tick that cannot be used. */
export interface RejectedTick {
  readonly reason: TickFault;
  /** One line for people. */
  readonly message: string;
  /** Where it came from: `ticks.EURUSD/0@1234`, or a channel. */
  readonly source: string;
  readonly service: string;
  readonly symbol: string | null;
  /** Event time in epoch milliseconds, where the tick has a usable one (`tick.late`). */
  readonly ts: number | null;
  readonly payload: Buffer;
}

/** Headers of a record on `ticks.rejected`, or fields of an entry beside `j`. */
export function rejectedHeaders({
  reason,
  message,
  source,
  service,
  symbol,
  ts,
}: RejectedTick): Record<string, string> {
  return {
    reason,
    message: message.length <= MESSAGE_LENGTH ? message : `${message.slice(0, MESSAGE_LENGTH)}…`,
    source,
    service,
    ...(symbol !== null && { symbol }),
    ...(ts !== null && { ts: String(ts) }),
  };
}
