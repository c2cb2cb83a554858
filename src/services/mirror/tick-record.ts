import { PulseError } from '../../domain/errors/errors.ts';
import { JOINED } from '../../domain/gap/gap.ts';
import { REJECTED_TOPIC, rejectedHeaders } from '../../domain/tape/rejected.ts';
import { tickTopic } from '../../domain/tick/symbol.ts';
import { MAX_TICK_BYTES } from '../../domain/tick/tick.ts';
import type { NewRecord } from '../../ports/record-log.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';

/** Of a channel's name, which Redis lets be as long as a payload. */
const CHANNEL_LENGTH = 300;

/** Header of a rejected tick: the hash of its whole payload, by which a later run knows it in a stream. */
export const HASH = 'hash';

/** Why a tick goes to `ticks.rejected`, and how many bytes of it are kept there. */
export interface Reject {
  readonly error: PulseError & { readonly code: 'tick.symbol.illegal' | 'tick.too-large' | 'tick.topic.refused' };
  readonly keep: number;
}

/** What a delivery has found out about its ticks: those that go to `ticks.rejected`. A tick that is in here stays a reject, however often it is tried. */
export type Rejects = Map<TapeTick, Reject>;

/** Notes what needs no log to be refused. */
export function rejectAtSight(ticks: readonly TapeTick[], rejects: Rejects): void {
  for (const tick of ticks) {
    if (tick.symbol === null) reject(tick, fault('tick.symbol.illegal', { value: shortened(tick.channel) }), rejects);
    else if (tick.payload.length > MAX_TICK_BYTES)
      reject(tick, fault('tick.too-large', { bytes: tick.payload.length, allowed: MAX_TICK_BYTES }), rejects);
  }
}

/** After a topic did not take it: sends it to `ticks.rejected`, and when that takes less too, ever less of it. False when nothing is left to cut. */
export function cutDown(tick: TapeTick, allowed: number, rejects: Rejects): boolean {
  const known = rejects.get(tick);
  if (known === undefined) reject(tick, fault('tick.too-large', { bytes: tick.payload.length, allowed }), rejects);
  else if (known.keep === 0) return false;
  else rejects.set(tick, { ...known, keep: known.keep >> 1 });
  return true;
}

/** The log does not have the topic of its symbol. */
export const refuseTopic = (tick: TapeTick, reason: string, rejects: Rejects): void =>
  reject(tick, fault('tick.topic.refused', { symbol: tick.symbol, reason }), rejects);

export const topicOf = (tick: TapeTick, rejects: Rejects): string =>
  tick.symbol !== null && !rejects.has(tick) ? tickTopic(tick.symbol) : REJECTED_TOPIC;

/** A tick as a record: its payload unchanged, or on `ticks.rejected` with the reason. `epoch`: the headers that tell the epoch. */
export function tickRecord(tick: TapeTick, rejects: Rejects, epoch: readonly (readonly [string, string])[]): NewRecord {
  const headers = new Map<string, Buffer | string>([
    ['instance', tick.instance],
    ['seq', String(tick.seq)],
    ['received', String(tick.receivedAt)],
    ...epoch,
  ]);
  if (tick.joinedAt !== null) headers.set(JOINED, String(tick.joinedAt));
  const timestamp = tick.receivedAt;
  const topic = topicOf(tick, rejects);
  const rejected = rejects.get(tick);
  if (rejected === undefined) return { topic, key: tick.symbol, value: tick.payload, headers, timestamp };
  const { error, keep } = rejected;
  const payload = tick.payload.subarray(0, keep);
  const source = shortened(tick.channel);
  const why = rejectedHeaders({
    reason: error.code,
    message: error.message,
    source,
    service: 'mirror',
    symbol: tick.symbol,
    ts: null,
    payload,
  });
  for (const [name, value] of Object.entries(why)) headers.set(name, value);
  // Of what is kept the whole may not be told any more.
  headers.set(HASH, String(tick.hash));
  return { topic, key: tick.symbol ?? source, value: payload, headers, timestamp };
}

const fault = (code: Reject['error']['code'], evidence: Record<string, unknown>): Reject['error'] =>
  new PulseError(code, evidence) as Reject['error'];

const reject = (tick: TapeTick, error: Reject['error'], rejects: Rejects): void =>
  void rejects.set(tick, { error, keep: Math.min(tick.payload.length, MAX_TICK_BYTES) });

const shortened = (channel: string): string =>
  channel.length <= CHANNEL_LENGTH ? channel : `${channel.slice(0, CHANNEL_LENGTH)}… (${channel.length} characters)`;
