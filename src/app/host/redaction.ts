import { withoutPassword } from '../config/setting.ts';

const REDACTED = '[secret]';

/** Shorter ones would take innocent text along; they are hidden only where they are a whole value. */
const SHORTEST = 4;

/** Takes secrets out of whatever is about to be written: text, and values of any depth. */
export function redaction(secrets: readonly string[]): { text(value: string): string; value(value: unknown): unknown } {
  const whole = new Set(secrets);
  const inside = secrets.filter((secret) => secret.length >= SHORTEST).sort((a, b) => b.length - a.length);
  const text = (value: string): string => {
    if (whole.has(value)) return REDACTED;
    let clean = value;
    for (const secret of inside) clean = clean.replaceAll(secret, REDACTED);
    return clean.includes('://') ? withoutPassword(clean) : clean;
  };
  const value = (given: unknown): unknown => {
    if (typeof given === 'string') return text(given);
    if (typeof given === 'bigint') return String(given);
    if (given instanceof Error) return text(given.message);
    if (given instanceof Date || given === null || typeof given !== 'object') return given;
    if (Array.isArray(given)) return given.map(value);
    return Object.fromEntries(Object.entries(given).map(([name, item]) => [name, value(item)]));
  };
  return { text, value };
}
