import { PulseError } from '../../../domain/errors/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ModelAnswer, ModelRequest } from '../../../ports/language-model.ts';
import type { Random } from '../../../ports/random.ts';
import type { Accept } from './ask-model.ts';
import type { ChainMetrics } from './chain-metrics.ts';
import { costOf, costOfAnswer, inputTokens } from './cost.ts';
import { type CostCaps, costCaps } from './cost-caps.ts';
import type { RegisteredModel } from './registered-model.ts';
import type { Spending } from './spending.ts';
import { turns } from './turns.ts';

export interface TriesNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly spending: Spending;
  readonly metrics: ChainMetrics;
}

export interface Paid extends ModelAnswer {
  /** US dollars, of the try that gave it; null where the price is not known. */
  readonly cost: number | null;
}

/** Asks one model within its limits. Rejects with one of `model.*`. */
export type Tries = (request: ModelRequest, accept: Accept, signal: AbortSignal) => Promise<Paid>;

/** Full jitter: a random part of a span that doubles. */
const BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 8_000;

export function modelTries(entry: RegisteredModel, needs: TriesNeeds): Tries {
  const line = turns(entry.concurrency);
  const caps = costCaps(entry, needs);
  const { clock } = needs;

  return async (asked, accept, signal) => {
    const request = { ...asked, maxOutputTokens: Math.min(asked.maxOutputTokens, entry.maxOutputTokens) };
    refuseLongInput(entry, request);
    const until = clock.monotonic() + entry.timeoutMs;
    const end = new AbortController();
    const limit = new AbortController();
    const stop = AbortSignal.any([signal, limit.signal]);
    void clock.sleep(entry.timeoutMs, end.signal).then(() => limit.abort()); // detached: `sleep` never rejects
    try {
      const giveBack = await line.take(stop);
      if (giveBack === null) throw failure(entry, 'model.unavailable', { reason: 'it is busy with other calls' });
      try {
        // A turn that comes when the time is up is of no use.
        if (clock.monotonic() >= until)
          throw failure(entry, 'model.unavailable', { reason: 'it is busy with other calls' });
        return await tryUntil(entry, needs, caps, { request, accept, signal: stop, until });
      } finally {
        giveBack();
      }
    } finally {
      end.abort();
    }
  };
}

interface Call {
  readonly request: ModelRequest;
  readonly accept: Accept;
  readonly signal: AbortSignal;
  /** On the clock's `monotonic`. */
  readonly until: number;
}

async function tryUntil(entry: RegisteredModel, needs: TriesNeeds, caps: CostCaps, call: Call): Promise<Paid> {
  for (let again = 0; ; again += 1) {
    try {
      return await tryOnce(entry, needs, caps, call);
    } catch (error) {
      if (!(error instanceof PulseError) || !error.retry || error.code === 'model.timeout') throw error;
      if (again >= entry.retries) throw error;
      const wait = waitBefore(again, error, needs.random);
      // A wait that ends after the limit is not begun.
      if (needs.clock.monotonic() + wait >= call.until) throw error;
      await needs.clock.sleep(wait, call.signal);
      if (call.signal.aborted) throw error;
      needs.metrics.retries.inc(1, { model: entry.name });
    }
  }
}

/** As long as the provider says, or else longer with each try. */
function waitBefore(again: number, { evidence }: PulseError, random: Random): number {
  const jitter = random.next() * Math.min(LONGEST_BACK_OFF_MS, BACK_OFF_MS * 2 ** again);
  return typeof evidence.retryAfterMs === 'number' ? Math.max(evidence.retryAfterMs, jitter) : jitter;
}

/** Whether the provider may have worked, and may charge for it. */
const mayCost = (error: unknown): boolean =>
  error instanceof PulseError &&
  (error.code === 'model.answer' || error.code === 'model.timeout' || error.evidence.begun === true);

async function tryOnce(
  entry: RegisteredModel,
  { metrics }: TriesNeeds,
  caps: CostCaps,
  { request, accept, signal }: Call,
): Promise<Paid> {
  const most = costOf(entry.price, inputTokens(request), request.maxOutputTokens);
  const reserved = await caps.reserve(most);
  if (typeof reserved === 'string') throw failure(entry, 'model.capped', { reason: reserved });
  const settle = async (usd: number): Promise<void> => {
    if (usd > 0) metrics.cost.inc(usd, { model: entry.name });
    await reserved.settle(usd);
  };
  const answer = await entry.model.generate(request, signal).catch(async (error: unknown) => {
    await settle(mayCost(error) ? (most ?? 0) : 0);
    const late = error instanceof PulseError && error.code === 'model.timeout';
    throw late ? failure(entry, 'model.timeout', { timeoutMs: entry.timeoutMs }) : error;
  });
  const cost = costOfAnswer(entry.price, request, answer);
  await settle(cost ?? 0);
  for (const direction of ['input', 'output'] as const)
    metrics.tokens.inc(answer.tokens[direction] ?? 0, { model: entry.name, direction });
  const reason = accept(answer.object);
  if (reason !== null) throw failure(entry, 'model.answer', { reason });
  return { ...answer, cost };
}

function refuseLongInput(entry: RegisteredModel, request: ModelRequest): void {
  const tokens = inputTokens(request);
  if (entry.maxInputTokens !== null && tokens > entry.maxInputTokens)
    throw failure(entry, 'model.capped', {
      reason: `some ${tokens} input tokens are more than ${entry.maxInputTokens}`,
    });
}

const failure = (
  { model: { provider, model } }: RegisteredModel,
  code: 'model.unavailable' | 'model.capped' | 'model.answer' | 'model.timeout',
  evidence: Readonly<Record<string, unknown>>,
): PulseError => new PulseError(code, { provider, model, ...evidence });
