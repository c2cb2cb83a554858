import type { z } from 'zod';

/** One thing that is wrong with a request, in the form that clients of FastAPI know. */
export interface Fault {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** A request whose parts do not fit; answered with 422. */
export class InputFaults extends Error {
  override readonly name = 'InputFaults';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '));
    this.faults = faults;
  }
}

type Issue = z.core.$ZodIssue;

const place = (path: readonly PropertyKey[]): (string | number)[] =>
  path.map((step) => (typeof step === 'number' ? step : String(step)));

/** What fits none of several forms is told by what each of them lacks. */
const messageOf = (issue: Issue): string =>
  issue.code === 'invalid_union' && issue.errors.length > 0
    ? [...new Set(issue.errors.flatMap((form) => form.map(messageOf)))].join(', or: ')
    : issue.message;

/** Zod does not keep the input, only its type in the words. */
const isMissing = (issue: Issue): boolean =>
  (issue.code === 'invalid_type' && issue.path.length === 0 && issue.message.endsWith('received undefined')) ||
  (issue.code === 'invalid_union' && issue.errors.length > 0 && issue.errors.every((form) => form.every(isMissing)));

function faultOf(issue: Issue, at: readonly (string | number)[]): Fault {
  const loc = [...at, ...place(issue.path)];
  if (isMissing({ ...issue, path: [] })) return { loc, msg: 'Field required', type: 'missing' };
  return { loc, msg: messageOf(issue), type: issue.code };
}

/** The parsed value; what is wrong is added to `faults`, and the answer is then of no use. */
export function parsed<T extends z.ZodType>(
  schema: T,
  value: unknown,
  at: readonly (string | number)[],
  faults: Fault[],
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) faults.push(faultOf(issue, at));
  return undefined as z.output<T>;
}
