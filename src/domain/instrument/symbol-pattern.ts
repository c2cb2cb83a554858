/** Whether a symbol matches a pattern, in which `*` stands for any text and `?` for one character; all of it, as it is written. */
export function symbolMatcher(pattern: string): (symbol: string) => boolean {
  const source = pattern
    .replace(/[.\\+^$()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`);
  return (symbol) => expression.test(symbol);
}
