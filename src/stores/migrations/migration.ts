/** A step of the schema. Once released it never changes; a further step mends it. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}
