import { editDistance } from '../base/edit-distance.ts';
import type { SearchQuery } from './query.ts';

/** A word that documents have, and in how many of them it is. */
export interface KnownWord {
  readonly word: string;
  readonly documents: number;
}

const SHORTEST = 4;
/** From this length on two letters may be wrong. */
const LONG = 7;

/** Whether a word may be a misspelled one: short ones are too close to one another, and one with digits, such as a symbol, is meant as it is. */
export const mayBeMisspelled = (word: string): boolean => word.length >= SHORTEST && /^\p{L}+$/u.test(word);

/** The threes of letters of a word, with its beginning and end marked by spaces: words that share none are not alike. */
export function trigramsOf(word: string): string[] {
  // By code points: half of one is no text that a database takes.
  const letters = [...`  ${word} `];
  return [...new Set(letters.slice(2).map((last, i) => `${letters[i]}${letters[i + 1]}${last}`))];
}

/** The word that was meant: the nearest known one, of those the most common; null where none is near. */
export function meantWord(word: string, known: readonly KnownWord[]): string | null {
  const most = word.length >= LONG ? 2 : 1;
  const near = known
    .filter((each) => mayBeMisspelled(each.word) && Math.abs(each.word.length - word.length) <= most)
    .map((each) => ({ ...each, distance: editDistance(word, each.word) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || b.documents - a.documents || (a.word < b.word ? -1 : 1));
  return near[0]?.word ?? null;
}

/** The words of a query that may be corrected: those in quotes and those that are excluded are meant as they are. */
export const correctableWords = ({ groups }: SearchQuery): string[] => [
  ...new Set(
    groups
      .flat()
      .filter(({ quoted }) => !quoted)
      .flatMap(({ words }) => (words.length === 1 ? words : []))
      .filter(mayBeMisspelled),
  ),
];

/** The text of a query with the words replaced that `meant` has another one for. */
export function correctedText(text: string, { groups }: SearchQuery, meant: ReadonlyMap<string, string>): string {
  let corrected = '';
  let done = 0;
  for (const { words, quoted, start, end } of groups.flat().sort((a, b) => a.start - b.start)) {
    const better = quoted || words.length !== 1 ? undefined : meant.get(words[0]!);
    if (better === undefined) continue;
    corrected += text.slice(done, start) + better;
    done = end;
  }
  return corrected + text.slice(done);
}
