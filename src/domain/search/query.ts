import { wordsOf } from './words.ts';

/** What a document is asked for: one word, or several that follow one another. */
export interface Term {
  readonly words: readonly string[];
  /** It stood between quotes: it must be there, just so. */
  readonly quoted: boolean;
  /** Where it stands in the query: [start, end). */
  readonly start: number;
  readonly end: number;
}

/** What a query asks for: one of each group, and none of the excluded. Without groups it asks for nothing. */
export interface SearchQuery {
  readonly groups: readonly (readonly Term[])[];
  readonly excluded: readonly Term[];
}

/** Beyond these a query says nothing more about what is meant. */
const MOST_TERMS = 64;
const MOST_WORDS = 16;

/** Words that hold questions together: asked beside others, they would only keep good answers out. */
const STOP_WORDS = new Set(
  `a about am an and any are as at be been being but by can could did do does doing for from had has have having how i if in into is it
  its me my of on or our shall should so than that the their them then there these they this those to was we were what when where which
  while who whom whose why will with would you your s t`.split(/\s+/),
);

interface Piece {
  readonly text: string;
  readonly start: number;
  readonly minus: boolean;
  readonly quoted: boolean;
}

/**
 * Reads a query: words, "phrases", `OR` between alternatives, `-` before what must not be there. Each text is one; what makes no sense in it,
 * such as a lone quote, is read as well as it can be.
 */
export function parseQuery(text: string): SearchQuery {
  const groups: Term[][] = [];
  const excluded: Term[] = [];
  let alternative = false;
  let terms = 0;
  for (const piece of pieces(text)) {
    if (!piece.quoted && !piece.minus && /^(OR|\|+)$/.test(piece.text)) {
      alternative = groups.length > 0;
      continue;
    }
    const term = termOf(piece);
    if (term === null) continue;
    if ((terms += 1) > MOST_TERMS) break;
    if (piece.minus) excluded.push(term);
    else if (alternative) groups.at(-1)!.push(term);
    else groups.push([term]);
    alternative = false;
  }
  return { groups: withoutStopWords(groups), excluded };
}

/** The words that are asked for, without those that are excluded. */
export const askedWords = ({ groups }: SearchQuery): string[] => [
  ...new Set(groups.flatMap((group) => group.flatMap(({ words }) => words))),
];

/** Quotes of word processors are quotes. A minus counts where it begins a word: `stop-loss` has none. */
function* pieces(text: string): Generator<Piece> {
  const PIECE = /(?<![^\s"“”])(-?)["“”]([^"“”]*)["“”]?|(-?)([^\s"“”]+)/gu;
  for (const match of text.matchAll(PIECE)) {
    const [whole, quoteMinus, phrase, minus, bare] = match;
    if (phrase !== undefined) {
      const start = match.index + quoteMinus!.length + 1;
      yield { text: phrase, start, minus: quoteMinus === '-', quoted: true };
    } else yield { text: bare!, start: match.index + whole.length - bare!.length, minus: minus === '-', quoted: false };
  }
}

function termOf({ text, start, quoted }: Piece): Term | null {
  const found = wordsOf(text).slice(0, MOST_WORDS);
  const [first, last] = [found[0], found.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { words: found.map(({ word }) => word), quoted, start: start + first.start, end: start + last.end };
}

function withoutStopWords(groups: readonly (readonly Term[])[]): readonly (readonly Term[])[] {
  const telling = groups
    .map((group) => group.filter(({ words, quoted }) => quoted || words.some((word) => !STOP_WORDS.has(word))))
    .filter((group) => group.length > 0);
  return telling.length === 0 ? groups : telling;
}
