import type { ErrorCode } from '../errors/errors.ts';

/** How many are kept with their place and text. */
const EXAMPLES = 5;

/** Counts what could not be brought to a channel, by reason, and keeps the first few. */
export class UnroutableCounts {
  readonly byReason = new Map<ErrorCode, number>();
  readonly examples: { reason: ErrorCode; place: string; message: string }[] = [];

  add(reason: ErrorCode, place: string, message: string): void {
    this.byReason.set(reason, (this.byReason.get(reason) ?? 0) + 1);
    if (this.examples.length < EXAMPLES) this.examples.push({ reason, place, message });
  }
}
