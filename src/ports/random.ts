/** The only source of chance. The same seed gives the same numbers, everywhere. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, below). */
  int(below: number): number;
  /** Standard normal. */
  normal(): number;
  /** A short identifier, lower-case hex, `bytes` long (default 4). */
  id(bytes?: number): string;
  /** An independent generator, determined by this one's seed and `name`. */
  fork(name: string): Random;
}
