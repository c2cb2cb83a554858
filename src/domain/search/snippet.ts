import { type Word, wordsOf } from './words.ts';

/** Most characters of a passage that a snippet shows. */
const LONGEST = 240;

/** The part of a passage that has the most of the words looked for, as HTML: those between `<mark>` and `</mark>`, the rest escaped. */
export function snippetOf(content: string, wanted: ReadonlySet<string>): string {
  const words = wordsOf(content);
  const { from, to } = bestPart(content, words, wanted);
  const marked = words.filter(({ word, start, end }) => start >= from && end <= to && wanted.has(word));
  let html = '';
  let done = from;
  for (const { start, end } of marked) {
    html += `${escaped(content.slice(done, start))}<mark>${escaped(content.slice(start, end))}</mark>`;
    done = end;
  }
  html = (html + escaped(content.slice(done, to))).replace(/\s+/g, ' ').trim();
  return `${from > 0 ? '… ' : ''}${html}${to < content.length ? ' …' : ''}`;
}

/** Cut at words; of parts with equally many different words looked for the first. */
function bestPart(content: string, words: readonly Word[], wanted: ReadonlySet<string>): { from: number; to: number } {
  if (content.length <= LONGEST) return { from: 0, to: content.length };
  const hits = words.filter(({ word }) => wanted.has(word));
  let best: { first: Word; last: Word; kinds: number } | null = null;
  for (let i = 0, j = 0; i < hits.length; i += 1) {
    while (j + 1 < hits.length && hits[j + 1]!.end - hits[i]!.start <= LONGEST) j += 1;
    j = Math.max(i, j);
    const kinds = new Set(hits.slice(i, j + 1).map(({ word }) => word)).size;
    if (best === null || kinds > best.kinds) best = { first: hits[i]!, last: hits[j]!, kinds };
  }
  if (best === null) return around(content, words, 0, 0);
  return around(content, words, best.first.start, best.last.end);
}

/** The words from before `start` to after `end` that fit, as many before as after. */
function around(content: string, words: readonly Word[], start: number, end: number): { from: number; to: number } {
  const spare = Math.max(0, LONGEST - (end - start));
  const early = Math.max(0, start - (start === 0 ? 0 : Math.floor(spare / 3)));
  const from = early === 0 ? 0 : (words.find((word) => word.start >= early)?.start ?? start);
  const late = Math.min(content.length, from + LONGEST);
  if (late === content.length) return { from, to: late };
  const to = words.findLast((word) => word.end <= late && word.end > from)?.end ?? late;
  return { from, to };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign]!);
