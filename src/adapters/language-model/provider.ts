import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';

export interface LanguageModelOptions {
  /** Under which the provider's paths lie; without a slash at its end. */
  readonly url: string;
  readonly model: string;
  /** Null where the provider wants none. */
  readonly apiKey: string | null;
  /** Whether the answer is read as the provider's stream; it is handed out whole all the same. */
  readonly stream: boolean;
  readonly clock: Clock;
}

/** A provider's model, as errors name it. */
export interface Target extends LanguageModelOptions {
  readonly provider: string;
}

/** Providers quote what they were sent: a reason is cut there. */
const LONGEST_REASON = 200;

type Code = 'model.unavailable' | 'model.rate-limited' | 'model.refused' | 'model.answer';

/** The error without what caused it: the errors of the libraries hold requests with prompts and keys. */
export function fault(
  { provider, model, apiKey }: Target,
  code: Code,
  reason: string,
  more: { readonly status?: number; readonly retryAfterMs?: number; readonly begun?: true } = {},
): PulseError {
  const clean = apiKey === null || apiKey === '' ? reason : reason.replaceAll(apiKey, '[secret]');
  return new PulseError(code, { provider, model, reason: oneLine(clean).slice(0, LONGEST_REASON), ...more });
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
