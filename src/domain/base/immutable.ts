/** A value that whoever gets it only reads, down to its last field. Schemas infer mutable types; frozen ones would cost each answer a copy. */
export type Immutable<T> = T extends readonly (infer E)[]
  ? readonly Immutable<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;
