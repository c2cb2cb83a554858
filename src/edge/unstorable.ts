import type { Fault } from './faults.ts';

/** Deeper ones cannot be written out again: `JSON.stringify` runs out of stack long before a body is too large. */
const DEEPEST = 64;
/** One is enough to refuse a body; more than these help nobody. */
const MOST_FAULTS = 20;

/** Why a text cannot be kept; null: it can. */
const badText = (text: string): string | null => {
  if (text.includes('\0')) return 'must not contain NUL characters';
  return text.isWellFormed() ? null : 'must not contain half of a surrogate pair';
};

interface Seen {
  readonly value: unknown;
  readonly loc: readonly (string | number)[];
}

function faultOf({ value, loc }: Seen): Fault | null {
  if (typeof value === 'string') {
    const msg = badText(value);
    return msg === null ? null : { loc, msg, type: 'string_unstorable' };
  }
  // 1e999 is JSON, but no number that can be written out again.
  if (typeof value === 'number' && !Number.isFinite(value))
    return { loc, msg: 'must be a finite number', type: 'finite_number' };
  if (typeof value === 'object' && value !== null && loc.length > DEEPEST)
    return { loc, msg: `must not be nested deeper than ${DEEPEST} levels`, type: 'too_deep' };
  return null;
}

/** What of a value, read from JSON, no engine can keep as it came. `at`: where the value stands in the request. */
export function unstorable(body: unknown, at: Seen['loc']): Fault[] {
  const faults: Fault[] = [];
  const open: Seen[] = [{ value: body, loc: at }];
  for (let next = open.pop(); next !== undefined && faults.length < MOST_FAULTS; next = open.pop()) {
    const { value, loc } = next;
    const fault = faultOf(next);
    if (fault !== null) faults.push(fault);
    else if (Array.isArray(value)) for (let i = 0; i < value.length; i += 1) look(open, faults, value[i], loc, i);
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) {
        const msg = badText(key) ?? (key === '__proto__' ? 'is not allowed' : null);
        if (msg !== null)
          faults.push({ loc: [...loc, key.toWellFormed()], msg: `its name ${msg}`, type: 'string_unstorable' });
        look(open, faults, item, loc, key);
      }
  }
  return faults;
}

/** Plain values are looked at where they stand: most are in order, and cost nothing then. */
function look(open: Seen[], faults: Fault[], value: unknown, loc: Seen['loc'], step: string | number): void {
  if (typeof value === 'object' && value !== null) open.push({ value, loc: [...loc, step] });
  else if (typeof value === 'string' ? badText(value) !== null : typeof value === 'number' && !Number.isFinite(value))
    faults.push(faultOf({ value, loc: [...loc, step] })!);
}
