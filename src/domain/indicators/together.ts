import type { Detector } from './detector.ts';

// biome-ignore lint/suspicious/noExplicitAny: a state is passed on to the detector that made it, and to nobody else
type Part = Detector<any, unknown> | null;
export type StateOf<D> = D extends Detector<infer State, unknown> ? State : null;
export type ReadingOf<D> = D extends Detector<infer _State, infer Reading> ? Reading : null;

/** Several detectors as one: states and readings by name. One that is null is switched off, and reads null. */
export function together<Parts extends Readonly<Record<string, Part>>>(
  parts: Parts,
): Detector<{ readonly [K in keyof Parts]: StateOf<Parts[K]> }, { readonly [K in keyof Parts]: ReadingOf<Parts[K]> }> {
  type State = { readonly [K in keyof Parts]: StateOf<Parts[K]> };
  type Reading = { readonly [K in keyof Parts]: ReadingOf<Parts[K]> };
  const names = Object.keys(parts);
  const each = <Value>(value: (part: NonNullable<Part>, name: string) => unknown): Value => {
    const all: Record<string, unknown> = {};
    for (const name of names) {
      const part = parts[name]!;
      all[name] = part === null ? null : value(part, name);
    }
    return all as Value;
  };
  return {
    start: () => each<State>((part) => part.start()),
    next: (state, bar) => each<State>((part, name) => part.next(state[name], bar)),
    read: (state) => each<Reading>((part, name) => part.read(state[name])),
  };
}
