/** First line of every generated page. */
export const generated = '<!-- Made by `npm run docs` from the source; a test fails when it is stale. -->';

/** A table; what would end a cell or read as HTML is escaped. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => ' --- ').join('|')}|`, ...rows.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;

function cellText(cell: string): string {
  const parts = cell
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, ' ')
    .split('`');
  // Odd parts stand between backticks, where < is only itself.
  return parts.map((part, i) => (i % 2 === 1 ? part : part.replaceAll('<', '\\<'))).join('`');
}
