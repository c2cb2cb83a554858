/** Colours of a terminal, where they are wanted. */
export const painter = (colour: boolean) => {
  const wrap = (code: number) => (text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  return { good: wrap(32), warn: wrap(33), bad: wrap(31), dim: wrap(2), bold: wrap(1) };
};
