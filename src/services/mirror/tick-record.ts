import { PulseError } from '../../domain/errors.ts';
import { REJECTED_TOPIC, rejectedHeaders } from '../../domain/rejected.ts';
import { tickTopic } from '../../domain/symbol.ts';
import type { NewRecord } from '../../ports/record-log.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';

/** The log accepts a megabyte; headers and framing need some of it. */
const MAX_BYTES = 900_000;

/** Ticks that a topic does not take: what it takes, and how many bytes of them are kept in `ticks.rejected`. */
export type Sizes = Map<TapeTick, { readonly allowed: number; readonly keep: number }>;

/** After a topic did not take it: sends it to `ticks.rejected`, and when that takes less too, ever less of it. False when nothing is left to cut. */
export function cutDown(tick: TapeTick, allowed: number, sizes: Sizes): boolean {
  const known = sizes.get(tick);
  const whole = Math.min(tick.payload.length, MAX_BYTES);
  if (isUsable(tick, sizes)) sizes.set(tick, { allowed, keep: whole });
  else if (known?.keep === 0) return false;
  else sizes.set(tick, { allowed: known?.allowed ?? MAX_BYTES, keep: (known?.keep ?? whole) >> 1 });
  return true;
}

/** Whether it goes to the topic of its symbol. */
export const isUsable = (tick: TapeTick, sizes: Sizes): boolean =>
  tick.symbol !== null && tick.payload.length <= MAX_BYTES && !sizes.has(tick);

export const topicOf = (tick: TapeTick, sizes: Sizes): string =>
  tick.symbol !== null && isUsable(tick, sizes) ? tickTopic(tick.symbol) : REJECTED_TOPIC;

/** A tick as a record: its payload unchanged, or on `ticks.rejected` with the reason. `epoch`: the headers that tell the epoch. */
export function tickRecord(tick: TapeTick, sizes: Sizes, epoch: readonly (readonly [string, string])[]): NewRecord {
  const headers = new Map<string, Buffer | string>([
    ['instance', tick.instance],
    ['seq', String(tick.seq)],
    ['received', String(tick.receivedAt)],
    ...epoch,
  ]);
  if (tick.joinedAt !== null) headers.set('joined', String(tick.joinedAt));
  const timestamp = tick.receivedAt;
  if (isUsable(tick, sizes))
    return { topic: topicOf(tick, sizes), key: tick.symbol, value: tick.payload, headers, timestamp };
  const payload = tick.payload.subarray(0, sizes.get(tick)?.keep ?? MAX_BYTES);
  const error =
    tick.symbol === null
      ? new PulseError('tick.symbol.illegal', { value: tick.channel })
      : new PulseError('tick.too-large', {
          bytes: tick.payload.length,
          allowed: sizes.get(tick)?.allowed ?? MAX_BYTES,
        });
  const why = rejectedHeaders({
    reason: tick.symbol === null ? 'tick.symbol.illegal' : 'tick.too-large',
    message: error.message,
    source: tick.channel,
    service: 'mirror',
    symbol: tick.symbol,
    ts: null,
    payload,
  });
  for (const [name, value] of Object.entries(why)) headers.set(name, value);
  return { topic: REJECTED_TOPIC, key: tick.symbol ?? tick.channel, value: payload, headers, timestamp };
}
