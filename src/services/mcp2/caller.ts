/** What an API key may allow. */
export const scopes = ['read', 'write', 'llm'] as const;
export type Scope = (typeof scopes)[number];

/** Who calls. */
export interface Caller {
  /** Name of the key; `anonymous` where no key is set, `stdio` over standard input. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}
