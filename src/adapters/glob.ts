/** A Redis glob as an expression: `*`, `?`, `[ae]`, `[^e]`, `[a-b]`, and `\` before a literal. */
export function globExpression(glob: string): RegExp {
  let source = '';
  for (let i = 0; i < glob.length; i += 1) {
    const c = glob[i]!;
    const end = c === '[' ? glob.indexOf(']', i + 1) : -1;
    if (c === '*') source += '.*';
    else if (c === '?') source += '.';
    else if (end > i) {
      source += glob.slice(i, end + 1).replaceAll('\\', '\\\\');
      i = end;
    } else if (c === '\\' && i + 1 < glob.length) {
      i += 1;
      source += literal(glob[i]!);
    } else source += literal(c);
  }
  return new RegExp(`^${source}$`, 's');
}

const literal = (c: string): string => c.replace(/[.*+?^${}()|[\]\\]/, '\\$&');
