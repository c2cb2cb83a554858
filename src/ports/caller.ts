/** What an API key may allow. */
export const scopes = ['read', 'write', 'llm'] as const;
export type Scope = (typeof scopes)[number];

/** Who calls. */
export interface Caller {
  /** Name of the key; `anonymous` where no key is set, `stdio` over standard input. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** From which it calls; absent over standard input. */
  readonly address?: string;
}

/** Under which a caller's requests are counted: without keys everybody has one name, so the address. */
export const limitedAs = ({ name, address }: Caller): string =>
  name === 'anonymous' && address !== undefined ? address : name;
