import { type VirtualClock, virtualClock } from '../../src/adapters/clock/virtual.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { PulseError } from '../../src/domain/errors/errors.ts';
import type { LanguageModel, ModelRequest } from '../../src/ports/language-model.ts';
import { modelChain } from '../../src/services/desk/guidance/model-chain.ts';
import type { RegisteredModel } from '../../src/services/desk/guidance/registered-model.ts';
import type { Spending } from '../../src/services/desk/guidance/spending.ts';

export const request: ModelRequest = {
  system: 's'.repeat(200),
  prompt: 'p'.repeat(196),
  schema: {},
  maxOutputTokens: 100,
};
/** Of `request`: 398 characters. */
export const INPUT_TOKENS = 100;

/** A try: an object it answers with, an error, or null where it gives none until it is given up. */
export type Step = Readonly<Record<string, unknown>> | PulseError | null;

export const unavailable = (retryAfterMs?: number): PulseError =>
  new PulseError('model.unavailable', {
    provider: 'openai',
    model: 'gpt',
    reason: 'status 500',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });

export interface ScriptedModel extends LanguageModel {
  /** Moments of the tries, on the clock. */
  readonly tries: readonly number[];
}

/** A model that does what it is told, try after try; the last holds on. */
export function scriptedModel(clock: VirtualClock, ...steps: readonly Step[]): ScriptedModel {
  const tries: number[] = [];
  return {
    provider: 'openai',
    model: 'gpt',
    tries,
    async generate(_request, signal) {
      tries.push(clock.monotonic());
      const step = steps[Math.min(tries.length, steps.length) - 1]!;
      if (step instanceof PulseError) throw step;
      if (step !== null) return { object: step, tokens: { input: 80, output: 20 }, model: 'gpt-1' };
      if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      throw new PulseError('model.timeout', { provider: 'openai', model: 'gpt', timeoutMs: 0 });
    },
    check: async () => null,
  };
}

export function memorySpending(): Spending & { readonly byDay: Map<string, number> } {
  const byDay = new Map<string, number>();
  const key = (model: string, day: string): string => `${model} ${day}`;
  return {
    byDay,
    add: async (model, usd, day) => void byDay.set(key(model, day), (byDay.get(key(model, day)) ?? 0) + usd),
    spent: async (model, day) => byDay.get(key(model, day)) ?? 0,
  };
}

export const limits = {
  timeoutMs: 30_000,
  retries: 2,
  maxOutputTokens: 100,
  maxInputTokens: null,
  maxCostUsdPerCall: null,
  maxCostUsdPerDay: null,
  price: null,
  concurrency: 4,
  fallback: [],
} as const;

/** A chain on a clock of its own. */
export function chainDesk(
  entries: (clock: VirtualClock) => readonly (Partial<RegisteredModel> & Pick<RegisteredModel, 'name' | 'model'>)[],
  spending: Spending = memorySpending(),
) {
  const clock = virtualClock(Date.UTC(2026, 6, 1, 12));
  const metrics = prometheusMetrics({ process: false });
  const chain = modelChain(
    entries(clock).map((entry) => ({ ...limits, ...entry })),
    { clock, random: seededRandom('chain'), spending, metrics },
  );
  return {
    chain,
    metrics,
    /** Lets what was begun get as far as it can, and then time pass. */
    async pass(ms: number): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(ms);
    },
  };
}
