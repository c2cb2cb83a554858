import { PulseError } from '../../domain/errors/errors.ts';
import { fault, type Target } from './provider.ts';
import { transport } from './transport.ts';

/** Lists of all models of a large provider are some 100 kB. */
const MAX_BYTES = 4_194_304;

const NOT_FOUND = 404;
const NO_LIST = 'it answers, but 404 to GET /models: whether it has the model is not known';

interface Question {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Names in the list, or undefined where it has another form. */
  names(list: unknown): readonly string[] | undefined;
  /** Whether `listed` is the model. */
  is(listed: string): boolean;
  /** Whether a provider may do without the list, and answer 404. */
  readonly optional?: boolean;
}

/** Asks a provider for its models, which costs nothing, and looks for the one that is configured; resolves as the port's `check`. */
export async function check(
  target: Target,
  { path, headers, names, is, optional = false }: Question,
  signal: AbortSignal,
): Promise<string | null> {
  const begun = target.clock.monotonic();
  const line = transport(target, signal, MAX_BYTES);
  try {
    const response = await line.fetch(`${target.url}${path}`, { headers });
    const listed = names(await response.json());
    if (listed === undefined) throw fault(target, 'model.answer', 'its list of models has another form');
    if (!listed.some(is)) throw fault(target, 'model.refused', `it has no model ${JSON.stringify(target.model)}`);
    return null;
  } catch (error) {
    if (signal.aborted) {
      const timeoutMs = Math.round(target.clock.monotonic() - begun);
      throw new PulseError('model.timeout', { provider: target.provider, model: target.model, timeoutMs });
    }
    const failure = line.failure();
    if (optional && failure?.evidence.status === NOT_FOUND) return NO_LIST;
    if (failure !== null) throw failure;
    throw error instanceof PulseError ? error : fault(target, 'model.answer', 'its list of models is no JSON');
  }
}

/** The texts under `field` of each item of `list[under]`. */
export function namesIn(list: unknown, under: string, field: string): readonly string[] | undefined {
  const items = (list as Record<string, unknown> | null)?.[under];
  if (!Array.isArray(items)) return undefined;
  return items.map((item) => String((item as Record<string, unknown> | null)?.[field]));
}
