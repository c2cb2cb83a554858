/** A word of a text: a run of letters and digits. */
export interface Word {
  /** Lower case, without accents, so that "Köln" and "koln" are one. */
  readonly word: string;
  /** Where it stands in the text: [start, end). */
  readonly start: number;
  readonly end: number;
}

/** Nobody looks for longer ones, and an index refuses them at some length. */
const LONGEST = 64;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

/** The words of a text, in order: everything else, such as the point in `ticks.EURUSD`, stands between words. */
export function wordsOf(text: string): Word[] {
  const found: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const word = folded(match[0]);
    if (word !== '') found.push({ word, start: match.index, end: match.index + match[0].length });
  }
  return found;
}

/** The text as an index takes it: its words with a space between them. */
export const indexText = (text: string): string =>
  wordsOf(text)
    .map(({ word }) => word)
    .join(' ');

const ASCII = /^[a-z0-9]*$/;

function folded(raw: string): string {
  const lower = raw.slice(0, LONGEST).toLowerCase();
  if (ASCII.test(lower)) return lower;
  // What a compatibility form brings in beside letters and digits, such as the stroke of ½, would be another word.
  return lower
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()
    .slice(0, LONGEST);
}
