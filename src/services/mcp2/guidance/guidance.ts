import { canonicalJson } from '../../../domain/canonical-json.ts';
import { PulseError } from '../../../domain/errors.ts';
import { type AnswerText, answerSchema } from '../../../domain/guidance/answer.ts';
import type { Facts } from '../../../domain/guidance/fact.ts';
import { grounded } from '../../../domain/guidance/grounding.ts';
import { applyNudges, firedNudges } from '../../../domain/guidance/nudges/apply-nudges.ts';
import { payloadInEntry } from '../../../domain/guidance/payload-in-entry.ts';
import { type Prompt, promptOf } from '../../../domain/guidance/prompt.ts';
import { answerByRules, rulesVersion } from '../../../domain/guidance/rules.ts';
import { uuid7 } from '../../../domain/uuid7.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { EntryStream } from '../../../ports/entry-stream.ts';
import type { Journal } from '../../../ports/journal.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { Random } from '../../../ports/random.ts';
import type { GuidanceCall, GuidanceCalls } from '../../../stores/guidance-calls.ts';
import type { Caller } from '../caller.ts';
import type { FiredNudge, Guidance, GuidanceAnswer, GuidanceRequest, ModelInfo } from '../parts.ts';
import type { AskModel, Fallback } from './ask-model.ts';
import { sha256 } from './digest.ts';
import { guidanceMetrics } from './guidance-metrics.ts';
import { type GuidanceSources, gatherFacts } from './inputs.ts';
import { nudgeDigest } from './nudge-digest.ts';

export interface GuidanceNeeds {
  readonly models: AskModel;
  readonly sources: GuidanceSources;
  readonly streams: Pick<EntryStream, 'newest'>;
  readonly calls: Pick<GuidanceCalls, 'insert' | 'newestOf'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

export interface GuidanceOptions {
  /** Version of Pulse, for `meta`. */
  readonly version: string;
  /** An answer of a model to the same prompt is given again for so long; 0: never. */
  readonly reuseSeconds: number;
  readonly maxOutputTokens: number;
}

type Endpoint = 'whisperer' | 'simple' | 'analyze';

/** The model under whose name the rules can be chosen. */
export const RULES = 'rules';

/** An answer before nudges, and what made it. */
interface Made {
  readonly text: AnswerText;
  readonly provider: string;
  readonly model: string;
  readonly stub: boolean;
  readonly reused: boolean;
  readonly tokens: { readonly input: number | null; readonly output: number | null };
  readonly cost: number | null;
  readonly fallbacks: readonly Fallback[];
}

const NO_TOKENS = { input: null, output: null };

/** Guidance by the models of the registry, and by the rules where none is configured or none gives an answer that can be used. */
export function guidance(needs: GuidanceNeeds, options: GuidanceOptions): Guidance {
  const metrics = guidanceMetrics(needs.metrics);
  const { models, clock } = needs;

  async function answer(
    endpoint: Endpoint,
    name: string,
    request: GuidanceRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<GuidanceAnswer> {
    const begun = clock.monotonic();
    const facts = await gatherFacts(request.payload, { sources: needs.sources, clock, metrics });
    const prompt = promptOf(facts, request, sha256);
    const promptHash = sha256(canonicalJson([prompt.system, prompt.prompt]));
    const made = await make(name, { facts, prompt, promptHash, questions: request.questions }, signal);
    const fired = endpoint === 'simple' ? [] : firedNudges(facts);
    const nudges: FiredNudge[] = fired.map(({ nudge, why }) => ({
      name: nudge.name,
      version: nudge.version,
      hash: nudgeDigest(nudge),
      text: nudge.text,
      why,
    }));
    const at = clock.now();
    const given: GuidanceAnswer = {
      ...applyNudges(made.text, fired),
      meta: {
        id: uuid7(at, needs.random.id(10)),
        endpoint,
        version: options.version,
        provider: made.provider,
        model: made.model,
        prompt_hash: promptHash,
        nudges,
        stub: made.stub,
        latency_ms: Math.round((clock.monotonic() - begun) * 1_000) / 1_000,
        tokens: made.tokens,
        cost_usd: made.cost,
        reused: made.reused,
        fallbacks: made.fallbacks,
      },
    };
    metrics.answers.inc(1, { endpoint, by: made.stub ? RULES : made.provider });
    for (const { name: nudge } of nudges) metrics.nudges.inc(1, { nudge });
    await store({ at, caller: caller.name, asked: name, request, facts, base: made.text, given });
    return given;
  }

  async function make(
    name: string,
    asked: { facts: Facts; prompt: Prompt; promptHash: string; questions: readonly string[] },
    signal: AbortSignal,
  ): Promise<Made> {
    if (name === RULES) return byRules(asked.facts, asked.questions, []);
    const { prompt, promptHash, facts } = asked;
    const earlier = await reusable(name, promptHash);
    if (earlier !== null) return earlier;
    const accept = (object: unknown): string | null => {
      const read = grounded(object, facts, prompt);
      return 'reason' in read ? read.reason : null;
    };
    const request = {
      system: prompt.system,
      prompt: prompt.prompt,
      schema: answerSchema,
      maxOutputTokens: options.maxOutputTokens,
    };
    const outcome = await models.ask(name, request, accept, signal);
    if (outcome.outcome === 'none') return byRules(facts, asked.questions, outcome.fallbacks);
    const { provider, model, tokens, cost, fallbacks } = outcome;
    const read = grounded(outcome.object, facts, prompt);
    // The registry accepts what `accept` takes; what it does not is not given, whoever says it was accepted.
    if ('reason' in read)
      return byRules(facts, asked.questions, [
        ...fallbacks,
        { model: outcome.name, code: 'model.answer', reason: read.reason },
      ]);
    return { text: read.answer, provider, model, stub: false, reused: false, tokens, cost, fallbacks };
  }

  async function reusable(name: string, promptHash: string): Promise<Made | null> {
    const identity = models.identity(name);
    if (identity === null || options.reuseSeconds === 0) return null;
    const since = clock.now() - options.reuseSeconds * 1_000;
    const call = await needs.calls
      .newestOf(promptHash, identity.provider, identity.model, since)
      .catch((error: unknown) => {
        if (!(error instanceof PulseError)) throw error;
        metrics.missing.inc(1, { input: 'calls' });
        return null;
      });
    if (call === null) return null;
    const { provider, model } = call;
    return {
      text: call.base as AnswerText,
      provider,
      model,
      stub: false,
      reused: true,
      tokens: NO_TOKENS,
      cost: 0,
      fallbacks: [],
    };
  }

  async function store(of: {
    at: number;
    caller: string;
    asked: string;
    request: GuidanceRequest;
    facts: Facts;
    base: AnswerText;
    given: GuidanceAnswer;
  }): Promise<void> {
    const { given, request, facts } = of;
    const { meta } = given;
    const call: GuidanceCall = {
      id: meta.id,
      at: of.at,
      caller: of.caller,
      endpoint: meta.endpoint,
      provider: meta.provider,
      model: meta.model,
      promptHash: meta.prompt_hash,
      stub: meta.stub,
      reused: meta.reused,
      inputs: { asked: of.asked, payload: request.payload, notes: request.notes, questions: request.questions, facts },
      base: of.base,
      answer: given,
      tokens: meta.tokens,
      costUsd: meta.cost_usd,
      latencyMs: meta.latency_ms,
    };
    await needs.calls.insert(call).catch((error: unknown) => {
      if (!(error instanceof PulseError)) throw error;
      metrics.unstored.inc();
      needs.journal.event('error', 'guidance.unstored', `answer ${meta.id} cannot be replayed: ${error.message}`, {
        id: meta.id,
        code: error.code,
      });
    });
  }

  return {
    whisperer: (request, caller, signal) => answer('whisperer', nameFor('whisperer', models), request, caller, signal),
    simple: (request, caller, signal) => answer('simple', nameFor('simple', models), request, caller, signal),
    async analyze(model, stream, asked, caller, signal) {
      const known = [...models.names, RULES];
      if (!known.includes(model)) throw new PulseError('model.unknown', { model, known: known.join(', ') });
      const [entry] = await needs.streams.newest(stream, 1);
      if (entry === undefined) throw new PulseError('stream.empty', { stream });
      const found = payloadInEntry(entry.fields);
      if ('reason' in found) throw new PulseError('stream.no-payload', { stream, id: entry.id, reason: found.reason });
      return answer('analyze', model, { ...asked, payload: found.payload }, caller, signal);
    },
    models: async (signal) => [...(await models.models(signal)), rulesInfo],
  };
}

const rulesInfo: ModelInfo = {
  name: RULES,
  provider: RULES,
  model: `${RULES}@${rulesVersion}`,
  reachable: true,
  detail: null,
};

/** The model named as the endpoint, or else the first of the registry; the rules where it is empty. */
export function nameFor(endpoint: 'whisperer' | 'simple', { names }: Pick<AskModel, 'names'>): string {
  return names.includes(endpoint) ? endpoint : (names[0] ?? RULES);
}

const byRules = (facts: Facts, questions: readonly string[], fallbacks: readonly Fallback[]): Made => ({
  text: answerByRules(facts, questions),
  provider: RULES,
  model: `${RULES}@${rulesVersion}`,
  stub: true,
  reused: false,
  tokens: NO_TOKENS,
  cost: null,
  fallbacks,
});
