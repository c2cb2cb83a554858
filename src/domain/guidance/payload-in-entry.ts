import { type StrategyPayload, strategyPayload } from '../trade/strategy-payload.ts';

/** The fields of a stream entry in which a payload is looked for; the first that is there counts. */
const FIELDS = ['payload', 'j', 'data'] as const;

/** The payload of a stream entry, or why there is none. */
export function payloadInEntry(
  fields: Readonly<Record<string, Buffer>>,
): { readonly payload: StrategyPayload } | { readonly reason: string } {
  const field = FIELDS.find((name) => Object.hasOwn(fields, name));
  if (field === undefined) return { reason: `it has none of the fields ${FIELDS.join(', ')}` };
  let value: unknown;
  try {
    value = JSON.parse(fields[field]!.toString());
  } catch {
    return { reason: `its field ${field} is no JSON` };
  }
  const read = strategyPayload.safeParse(value);
  if (read.success) return { payload: read.data };
  const [issue] = read.error.issues;
  return {
    reason: `its field ${field} is no StrategyPayloadV1: ${issue!.path.join('.') || 'the value'}: ${issue!.message}`,
  };
}
