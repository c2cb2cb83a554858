/** What a check of an engine, or of this machine, came to. */
export interface Finding {
  /** What was looked at: `redis.output-buffer`. */
  readonly check: string;
  /** `fail`: Pulse can't work or will lose something. `warn`: it works, but not as it should. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly found: string;
  /** What it means; where there is something to do. */
  readonly meaning?: string;
  readonly remedy?: string;
}

const SKEW_WARN_MS = 500;
const SKEW_FAIL_MS = 60_000;

/** Judges how far an engine's clock is from this machine's. All in milliseconds; `uncertainty` is half the round trip. */
export function skewFinding(check: string, who: string, skew: number, uncertainty: number): Finding {
  const off = Math.max(0, Math.abs(skew) - uncertainty);
  const found = `${who} is ${Math.abs(Math.round(skew))} ms ${skew < 0 ? 'behind' : 'ahead of'} this machine (± ${Math.ceil(uncertainty)} ms)`;
  if (off < SKEW_WARN_MS) return { check, status: 'ok', found };
  return {
    check,
    status: off >= SKEW_FAIL_MS ? 'fail' : 'warn',
    found,
    meaning:
      'gaps are measured with both clocks: back-fill looks at the wrong stretch, and ticks far ahead are rejected',
    remedy: 'synchronise both machines with NTP (chrony, systemd-timesyncd)',
  };
}
