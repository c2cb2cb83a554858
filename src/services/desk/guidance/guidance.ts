import { canonicalJson } from '../../../domain/base/canonical-json.ts';
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
import { sha256 } from './digest.ts';
import { guidanceMetrics } from './guidance-metrics.ts';
import { type GuidanceSources, gatherFacts } from './inputs.ts';
import { type DraftAnswer, makeAnswer, type PromptInputs, promptInputsOf, RULES, RULES_MODEL } from './make-answer.ts';

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
  readonly payload: PromptInputs['payload'];
  readonly notes: string;
  readonly questions: readonly string[];
  readonly facts: PromptInputs['facts'];
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
    const inputs = promptInputsOf(facts, request);
    const draft = (await reusable(name, inputs)) ?? (await makeAnswer(models, name, inputs, signal));
    await turn();
    signal.throwIfAborted();
    const fired = endpoint === 'simple' ? [] : firedNudges(facts);
    const nudges: FiredNudge[] = fired.map(({ nudge, why }) => ({
      name: nudge.name,
      version: nudge.version,
      hash: sha256(canonicalJson(nudge)),
      text: nudge.text,
      why,
    }));
    for (const { name: nudge } of nudges) metrics.nudges.inc(1, { nudge });
    const at = clock.now();
    const guidanceAnswer: GuidanceAnswer = {
      ...applyNudges(draft.text, fired),
      meta: {
        id: uuid7(at, needs.random.id(10)),
        endpoint,
        version,
        provider: draft.provider,
        model: draft.model,
        prompt_hash: inputs.promptHash,
        nudges,
        stub: draft.stub,
        latency_ms: Math.round((clock.monotonic() - begun) * 1_000) / 1_000,
        tokens: draft.tokens,
        cost_usd: draft.cost,
        reused: draft.reused,
        fallbacks: draft.fallbacks,
      },
    };
    metrics.answers.inc(1, { endpoint, by: draft.provider });
    await store({ at, caller: caller.name, name, inputs, draft, answer: guidanceAnswer });
    return guidanceAnswer;
  }

  function configuredAs(name: string): string | null {
    const identity = models.identity(name);
    return identity === null ? null : `${identity.provider}/${identity.model}`;
  }

  async function reusable(name: string, { promptHash }: PromptInputs): Promise<DraftAnswer | null> {
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
  async function store(call: {
    readonly at: number;
    readonly caller: string;
    readonly name: string;
    readonly inputs: PromptInputs;
    readonly draft: DraftAnswer;
    readonly answer: GuidanceAnswer;
  }): Promise<void> {
    const { draft, name, answer } = call;
    const { payload, notes, questions, facts, promptHash } = call.inputs;
    const { meta } = answer;
    const inputs: StoredInputs = { asked: name, payload, notes, questions, facts };
    const record = {
      id: meta.id,
      at: call.at,
      caller: call.caller,
      endpoint: meta.endpoint,
      provider: meta.provider,
      model: meta.model,
      configured: draft.name === null ? null : configuredAs(draft.name),
      promptHash,
      stub: meta.stub,
      reused: meta.reused,
      inputs,
      base: draft.text,
      answer,
      tokens: meta.tokens,
      costUsd: meta.cost_usd,
      latencyMs: meta.latency_ms,
    };
    await needs.calls.insert(record).catch((error: unknown) => {
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
    async analyze(model, stream, rest, caller, signal) {
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
      const entered = payloadInEntry(entry.fields);
      if ('reason' in entered)
        throw new PulseError('stream.no-payload', { stream, id: entry.id, reason: entered.reason });
      return answer('analyze', name, { ...rest, payload: entered.payload }, caller, signal);
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

/**
 * Lets through one caller after another, with a turn of the event loop between them: what each does next without waiting holds up nobody for
 * longer than itself. Without it hundreds of requests whose data came at the same moment would be worked off in one go.
 */
export function inTurn(clock: Clock): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => clock.sleep(0));
    return last;
  };
}
