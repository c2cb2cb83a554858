import { expect, test } from 'vitest';
import { indexText, wordsOf } from './words.ts';

test.each([
  ['Stop-loss at 1.0950!', 'stop loss at 1 0950'],
  ['v2:ticks:l1 → ticks_enriched', 'v2 ticks l1 ticks enriched'],
  ['Wilder’s Größe', 'wilder s große'],
  ['ﬁll ½ İstanbul', 'fill 12 istanbul'],
  ['日本 euro€', '日本 euro'],
  ['', ''],
])('%j has the words %j', (text, words) => expect(indexText(text)).toBe(words));

test('a word that nobody would look for is cut off', () => {
  expect(wordsOf(`${'a'.repeat(10_000)} b`)).toEqual([
    { word: 'a'.repeat(64), start: 0, end: 10_000 },
    { word: 'b', start: 10_001, end: 10_002 },
  ]);
});
