/** Why two bars differ. Docs: `docs/adr/0002-mismatch-causes.md`. */
export const causes = [
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
] as const;
export type Cause = (typeof causes)[number];

/** A cause, and what it was concluded from. */
export interface Conclusion {
  readonly cause: Cause;
  /** One sentence for people. */
  readonly evidence: string;
}
