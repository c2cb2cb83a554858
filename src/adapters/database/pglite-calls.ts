/** What is sent to the thread that runs PGlite. */
export type PgliteCall =
  | { readonly id: number; readonly kind: 'query'; readonly sql: string; readonly params: readonly unknown[] }
  | { readonly id: number; readonly kind: 'script'; readonly sql: string }
  | { readonly id: number; readonly kind: 'close' };

/** What it answers; `id` 0: that the database is open, or is not. */
export type PgliteAnswer =
  | { readonly id: number; readonly rows: Record<string, unknown>[] }
  | { readonly id: number; readonly failed: string; readonly sqlstate: string | null };
