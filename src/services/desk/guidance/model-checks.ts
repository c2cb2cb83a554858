import type { ModelInfo } from '../../../domain/desk/guidance-answer.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { RegisteredModel } from './registered-model.ts';

const CHECK_MS = 3_000;
const FRESH_MS = 10_000;

/** Which models can be reached: all are asked at the same time, each for 3 s at most, and what they said holds for 10 s. */
export function modelChecks(entries: readonly RegisteredModel[], clock: Clock): () => Promise<ModelInfo[]> {
  let known: { readonly at: number; readonly infos: Promise<ModelInfo[]> } | null = null;
  return () => {
    const now = clock.monotonic();
    // Whoever asks meanwhile waits for the same answers.
    if (known === null || now - known.at >= FRESH_MS)
      known = { at: now, infos: Promise.all(entries.map((entry) => infoOf(entry, clock))) };
    return known.infos;
  };
}

async function infoOf({ name, model }: RegisteredModel, clock: Clock): Promise<ModelInfo> {
  const end = new AbortController();
  const limit = new AbortController();
  void clock.sleep(CHECK_MS, end.signal).then(() => limit.abort()); // detached: `sleep` never rejects
  const info = { name, provider: model.provider, model: model.model };
  try {
    return { ...info, reachable: true, detail: await model.check(limit.signal) };
  } catch (error) {
    if (!(error instanceof PulseError)) throw error;
    return { ...info, reachable: false, detail: error.message };
  } finally {
    end.abort();
  }
}
