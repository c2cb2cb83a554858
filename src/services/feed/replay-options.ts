import { PulseError } from '../../domain/errors/errors.ts';

/** How many times faster than it was recorded a tape is played. */
export type Speed = number | 'max';

/** How the times of a tape are moved: by milliseconds, or so that its first tick is at a moment (epoch milliseconds). */
export type Shift = { readonly by: number } | { readonly firstAt: number };

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `max` or a factor from 1 to 999999. Rejects with `feed.speed`. */
export function speedOf(text: string): Speed {
  if (text === 'max') return 'max';
  const factor = /^\d{1,6}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (factor < 1) throw new PulseError('feed.speed', { value: text });
  return factor;
}

/** Reads `none`, `now`, a duration (`2h`, `-7d`) or a moment in ISO 8601 (UTC where it names no zone). Rejects with `feed.shift`. */
export function shiftOf(text: string, now: number): Shift | null {
  if (text === 'none') return null;
  if (text === 'now') return { firstAt: now };
  const [, amount, unit] = /^(-?\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount !== undefined) return { by: Math.round(Number(amount) * UNITS[unit!]!) };
  const moment = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const firstAt =
    moment === null ? Number.NaN : Date.parse(moment[1] !== undefined && moment[4] === undefined ? `${text}Z` : text);
  if (Number.isNaN(firstAt)) throw new PulseError('feed.shift', { value: text });
  return { firstAt };
}
