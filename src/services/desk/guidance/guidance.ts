import { uuid7 } from '../../../domain/base/uuid7.ts';
import type { FiredNudge, GuidanceAnswer, ModelInfo } from '../../../domain/desk/guidance-answer.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import type { AnswerText } from '../../../domain/guidance/answer.ts';
import { applyNudges, firedNudges } from '../../../domain/guidance/nudges/apply-nudges.ts';
import { payloadInEntry } from '../../../domain/guidance/payload-in-entry.ts';
import type { Caller } from '../../../ports/caller.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Guidance, GuidanceRequest } from '../../../ports/desk.ts';
import type { EntryStream } from '../../../ports/entry-stream.ts';
import type { Journal } from '../../../ports/journal.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { Random } from '../../../ports/random.ts';
import type { GuidanceCalls } from '../../../stores/guidance-calls.ts';
import { notAStream } from '../not-a-stream.ts';
import type { AskModel } from './ask-model.ts';
import { guidanceMetrics } from './guidance-metrics.ts';
import { inTurn } from './in-turn.ts';
import { type GuidanceSources, gatherFacts } from './inputs.ts';
import { type Asked, askedOf, type Made, makeAnswer, RULES, RULES_MODEL } from './make-answer.ts';
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
}

type Endpoint = 'whisperer' | 'simple' | 'analyze';

/** What a replay makes the answer from again. */
export interface StoredInputs {
  /** Name of the model that was asked. */
  readonly asked: string;
  readonly payload: Asked['payload'];
  readonly notes: string;
  readonly questions: readonly string[];
  readonly facts: Asked['facts'];
}

/** Guidance by the models of the registry, and by the rules where none is configured or none gives an answer that can be used. */
export function guidance(needs: GuidanceNeeds, { version, reuseSeconds }: GuidanceOptions): Guidance {
  const metrics = guidanceMetrics(needs.metrics);
  const { models, clock } = needs;
  const turn = inTurn(clock);

  async function answer(
    endpoint: Endpoint,
    name: string,
    request: GuidanceRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<GuidanceAnswer> {
    signal.throwIfAborted();
    const begun = clock.monotonic();
    const facts = await gatherFacts(request.payload, { sources: needs.sources, clock, metrics, turn });
    signal.throwIfAborted();
    const asked = askedOf(facts, request);
    const made = (await reusable(name, asked)) ?? (await makeAnswer(models, name, asked, signal));
    await turn();
    signal.throwIfAborted();
    const fired = endpoint === 'simple' ? [] : firedNudges(facts);
    const nudges: FiredNudge[] = fired.map(({ nudge, why }) => ({
      name: nudge.name,
      version: nudge.version,
      hash: nudgeDigest(nudge),
      text: nudge.text,
      why,
    }));
    for (const { name: nudge } of nudges) metrics.nudges.inc(1, { nudge });
    const at = clock.now();
    const given: GuidanceAnswer = {
      ...applyNudges(made.text, fired),
      meta: {
        id: uuid7(at, needs.random.id(10)),
        endpoint,
        version,
        provider: made.provider,
        model: made.model,
        prompt_hash: asked.promptHash,
        nudges,
        stub: made.stub,
        latency_ms: Math.round((clock.monotonic() - begun) * 1_000) / 1_000,
        tokens: made.tokens,
        cost_usd: made.cost,
        reused: made.reused,
        fallbacks: made.fallbacks,
      },
    };
    metrics.answers.inc(1, { endpoint, by: made.provider });
    await store({ at, caller: caller.name, name, asked, made, given });
    return given;
  }

  function configuredAs(name: string): string | null {
    const identity = models.identity(name);
    return identity === null ? null : `${identity.provider}/${identity.model}`;
  }

  async function reusable(name: string, { promptHash }: Asked): Promise<Made | null> {
    const configured = configuredAs(name);
    if (configured === null || reuseSeconds === 0) return null;
    const since = clock.now() - reuseSeconds * 1_000;
    const call = await needs.calls.newestOf(promptHash, configured, since).catch((error: unknown) => {
      if (!(error instanceof PulseError)) throw error;
      metrics.missing.inc(1, { input: 'calls' });
      return null;
    });
    if (call === null) return null;
    return {
      text: call.base as AnswerText,
      provider: call.provider,
      model: call.model,
      name,
      stub: false,
      reused: true,
      tokens: { input: null, output: null },
      cost: 0,
      fallbacks: [],
    };
  }

  /** The answer is worth more than its record: it is given, and that it cannot be replayed is told. */
  async function store(of: {
    readonly at: number;
    readonly caller: string;
    readonly name: string;
    readonly asked: Asked;
    readonly made: Made;
    readonly given: GuidanceAnswer;
  }): Promise<void> {
    const { payload, notes, questions, facts, promptHash } = of.asked;
    const { meta } = of.given;
    const inputs: StoredInputs = { asked: of.name, payload, notes, questions, facts };
    const call = {
      id: meta.id,
      at: of.at,
      caller: of.caller,
      endpoint: meta.endpoint,
      provider: meta.provider,
      model: meta.model,
      configured: of.made.name === null ? null : configuredAs(of.made.name),
      promptHash,
      stub: meta.stub,
      reused: meta.reused,
      inputs,
      base: of.made.text,
      answer: of.given,
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
      signal.throwIfAborted();
      const known = [...models.names, RULES];
      // As where a payload is given: these two are always there, whatever is configured.
      const name = model === 'whisperer' || model === 'simple' ? nameFor(model, models) : model;
      if (!known.includes(name)) throw new PulseError('model.unknown', { model, known: known.join(', ') });
      const [entry] = await needs.streams.newest(stream, 1).catch((error: unknown) => {
        throw notAStream(error, stream);
      });
      signal.throwIfAborted();
      if (entry === undefined) throw new PulseError('stream.empty', { stream });
      const found = payloadInEntry(entry.fields);
      if ('reason' in found) throw new PulseError('stream.no-payload', { stream, id: entry.id, reason: found.reason });
      return answer('analyze', name, { ...asked, payload: found.payload }, caller, signal);
    },
    async models(signal) {
      signal.throwIfAborted();
      const configured = await models.models(signal);
      signal.throwIfAborted();
      return [...configured, rulesInfo];
    },
  };
}

/** The rules among the models: always there. */
export const rulesInfo: ModelInfo = { name: RULES, provider: RULES, model: RULES_MODEL, reachable: true, detail: null };

/** The model named as the endpoint, or else the first of the registry; the rules where it is empty. */
export const nameFor = (endpoint: 'whisperer' | 'simple', { names }: Pick<AskModel, 'names'>): string =>
  names.includes(endpoint) ? endpoint : (names[0] ?? RULES);
