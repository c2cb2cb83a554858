import type { GapRecord } from '../../domain/gap/gap.ts';
import type { SideEvidence } from '../../domain/parity/comparison.ts';
import type { SideBar } from '../../domain/parity/parity-bar.ts';
import type { LateReject } from '../../domain/parity/parity-minute.ts';
import type { TapedTick } from '../../domain/parity/parity-tape.ts';
import type { UnreadableBar } from '../../domain/parity/side-bars.ts';

/** All that one side holds about a symbol. */
export interface SideData extends SideEvidence {
  readonly unreadable: readonly UnreadableBar[];
  /**
   * The ticks of these minutes (starts, epoch milliseconds) as the side's tape holds them, a list for each; minutes whose
   * tape is gone, or was cut off, are left out.
   */
  ticksOf(minutes: readonly number[]): Promise<Map<number, TapedTick[]>>;
}

/** One of the two paths, to be read. */
export interface SideSource {
  /** Symbols of which it has bars, as far as it can list them: the older form cannot be listed. */
  symbols(): Promise<string[]>;
  /** Whether it has bars of the symbol now, whatever the form. */
  has(symbol: string): Promise<boolean>;
  /** The bars of about the newest `minutes` minutes, settled, in order; without those that cannot be read. */
  newest(symbol: string, minutes: number): Promise<SideBar[]>;
  /** Rejects, as each of these, with `log.unavailable` or `redis.unavailable`. */
  read(symbol: string): Promise<SideData>;
  /** For who reads again and again. */
  follow(): SideFollower;
}

/** Reads a side again and again: only what came since the last time is read, and what was read is kept until it is to be forgotten. */
export interface SideFollower {
  /** Begins a round: what is told of all symbols together is read on. */
  begin(): Promise<void>;
  /**
   * What stands there of a symbol, but for the bars that were to be forgotten. `hasOlder`: of minutes of such bars one came since the last
   * time.
   */
  read(symbol: string): Promise<SideData & { readonly hasOlder: boolean }>;
  /** The same, not from memory: what was taken away since is not in it. */
  again(symbol: string): Promise<SideData>;
  /** Ends the turn of a symbol: forgets the bars of minutes before this start, but for the last of them, by which ticks are found. */
  endTurn(symbol: string, before: number): Promise<void>;
}

/** A late tick as it stands among the rejected ones of all symbols. */
export interface NamedLate extends LateReject {
  readonly symbol: string;
  readonly source: string;
}

/** Of each gap the newest record, of those that touch a symbol. `records` in the order written. */
export function gapsTouching(symbol: string, records: readonly GapRecord[]): GapRecord[] {
  const newest = new Map(records.map((gap) => [gap.id, gap]));
  return [...newest.values()].filter(({ symbols }) => Object.hasOwn(symbols, symbol));
}

/** Those of a symbol. A restart may refuse a tick again: its place tells that it is the same. */
export function lateOn(symbol: string, late: readonly NamedLate[]): LateReject[] {
  const bySource = new Map<string, LateReject>();
  for (const { symbol: of, source, ts } of late) if (of === symbol) bySource.set(source, { ts });
  return [...bySource.values()];
}
