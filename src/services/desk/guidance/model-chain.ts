import { PulseError } from '../../../domain/errors/errors.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { AskModel, Fallback } from './ask-model.ts';
import { chainMetrics } from './chain-metrics.ts';
import { modelChecks } from './model-checks.ts';
import { modelTries, type Tries, type TriesNeeds } from './model-tries.ts';
import type { RegisteredModel } from './registered-model.ts';

export interface ChainNeeds extends Omit<TriesNeeds, 'metrics'> {
  readonly metrics: Metrics;
}

/** Each endpoint has the model of its name, or else that of the other. */
const STAND_IN: Readonly<Record<string, string>> = { whisperer: 'simple', simple: 'whisperer' };

interface Link {
  readonly entry: RegisteredModel;
  readonly tries: Tries;
}

/** The registry at work: each model within its limits, and after it those that it falls back to. */
export function modelChain(entries: readonly RegisteredModel[], needs: ChainNeeds): AskModel {
  const metrics = chainMetrics(needs.metrics);
  const links = new Map<string, Link>(
    entries.map((entry) => [entry.name, { entry, tries: modelTries(entry, { ...needs, metrics }) }]),
  );
  const names = [...links.keys()].sort((a, b) => Number(b in STAND_IN) - Number(a in STAND_IN));
  const find = (name: string): Link | undefined => links.get(name) ?? links.get(STAND_IN[name] ?? '');
  const check = modelChecks(entries, needs.clock);

  /** Each once, in the order in which they are asked. */
  function chainOf(link: Link, chain: Link[] = []): Link[] {
    if (chain.includes(link)) return chain;
    chain.push(link);
    for (const name of link.entry.fallback) {
      const next = links.get(name);
      if (next !== undefined) chainOf(next, chain);
    }
    return chain;
  }

  return {
    names,
    identity(name) {
      const model = find(name)?.entry.model;
      return model === undefined ? null : { provider: model.provider, model: model.model };
    },
    async ask(name, request, accept, signal) {
      const first = find(name);
      if (first === undefined) throw new PulseError('model.unknown', { model: name, known: names.join(', ') });
      const fallbacks: Fallback[] = [];
      for (const { entry, tries } of chainOf(first)) {
        signal.throwIfAborted();
        const begun = needs.clock.monotonic();
        const end = (outcome: string): number => {
          const latencyMs = needs.clock.monotonic() - begun;
          metrics.calls.inc(1, { model: entry.name, outcome });
          metrics.seconds.observe(latencyMs / 1_000, { model: entry.name });
          return Math.round(latencyMs);
        };
        try {
          const { object, model, tokens, cost } = await tries(request, accept, signal);
          const latencyMs = end('answer');
          const { provider } = entry.model;
          return { outcome: 'answer', object, name: entry.name, provider, model, tokens, cost, latencyMs, fallbacks };
        } catch (error) {
          if (!(error instanceof PulseError)) throw error;
          end(error.code);
          // Whoever asked has gone: nobody waits for another model.
          signal.throwIfAborted();
          fallbacks.push({ model: entry.name, code: error.code, reason: error.message });
        }
      }
      return { outcome: 'none', fallbacks };
    },
    async models(signal) {
      const infos = await check();
      signal.throwIfAborted();
      return infos;
    },
  };
}
