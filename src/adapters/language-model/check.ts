import { PulseError } from '../../domain/errors.ts';
import { fault, type Target } from './provider.ts';
import { transport } from './transport.ts';

/** Lists of all models of a large provider are some 100 kB. */
const MAX_BYTES = 4_194_304;

interface Question {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Names in the list, or undefined where it has another form. */
  names(list: unknown): readonly string[] | undefined;
  /** Whether `listed` is the model. */
  is(listed: string): boolean;
}

/** Asks a provider for its models, which costs nothing, and looks for the one that is configured. */
export async function check(
  target: Target,
  { path, headers, names, is }: Question,
  signal: AbortSignal,
): Promise<void> {
  const begun = target.clock.monotonic();
  const line = transport(target, signal, MAX_BYTES);
  try {
    const response = await line.fetch(`${target.url}${path}`, { headers });
    const listed = names(await response.json());
    if (listed === undefined) throw fault(target, 'model.answer', 'its list of models has another form');
    if (!listed.some(is)) throw fault(target, 'model.refused', `it has no model ${JSON.stringify(target.model)}`);
  } catch (error) {
    if (signal.aborted) {
      const timeoutMs = Math.round(target.clock.monotonic() - begun);
      throw new PulseError('model.timeout', { provider: target.provider, model: target.model, timeoutMs });
    }
    if (line.failure() !== null) throw line.failure();
    throw error instanceof PulseError ? error : fault(target, 'model.answer', 'its list of models is no JSON');
  }
}

/** The texts under `field` of each item of `list[under]`. */
export function namesIn(list: unknown, under: string, field: string): readonly string[] | undefined {
  const items = (list as Record<string, unknown> | null)?.[under];
  if (!Array.isArray(items)) return undefined;
  return items.map((item) => String((item as Record<string, unknown> | null)?.[field]));
}
