/** Why two bars differ. Docs: `docs/parity.md`, `docs/adr/0002-mismatch-causes.md`. */
export const causes = [
  'systematic fault',
  'unreadable bar',
  'gap',
  'late tick',
  'partial',
  'missing ticks',
  'extra ticks',
  'altered ticks',
  'tie order',
  'arithmetic',
  'missing bar',
  'doubled bar',
  'unknown',
] as const;
export type Cause = (typeof causes)[number];

/** A cause, and what it was concluded from. */
export interface Conclusion {
  readonly cause: Cause;
  /** One sentence for people. */
  readonly evidence: string;
}
