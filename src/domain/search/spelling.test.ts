import { expect, test } from 'vitest';
import { editDistance } from '../base/edit-distance.ts';
import { parseQuery } from './query.ts';
import { correctableWords, correctedText, mayBeMisspelled, meantWord, trigramsOf } from './spelling.ts';

const known = ['slippage', 'stop', 'stops', 'spread', 'spring', 'rebalance', 'order'].map((word, i) => ({
  word,
  documents: i + 1,
}));

test.each([
  ['slipage', 'slippage'],
  ['rebalnce', 'rebalance'],
  ['rebalacne', 'rebalance'],
  ['ordre', 'order'],
  // Of two as near the more common one.
  ['stopp', 'stops'],
  ['sprong', 'spring'],
  ['spraed', 'spread'],
  ['leverage', null],
  // Two letters wrong are too many for a short word.
  ['ardor', null],
  ['', null],
])('by %j somebody may have meant %j', (word, meant) => expect(meantWord(word, known)).toBe(meant));

test.each([
  ['stop', true],
  ['rsi', false],
  ['eurusd1', false],
  ['v2', false],
  ['größe', true],
])('%j: may it be misspelled? %j', (word, may) => expect(mayBeMisspelled(word)).toBe(may));

test('words with a letter wrong share some of their threes', () => {
  expect(trigramsOf('stop')).toEqual(['  s', ' st', 'sto', 'top', 'op ']);
  expect(trigramsOf('aaaa')).toEqual(['  a', ' aa', 'aaa', 'aa ']);
  expect(trigramsOf('\u{20100}b')).toEqual(['  \u{20100}', ' \u{20100}b', '\u{20100}b ']);
});

test('two letters the wrong way round are one mistake', () => {
  expect(editDistance('trigger', 'tirgger')).toBe(1);
  expect(editDistance('abc', 'abc')).toBe(0);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('kitten', 'sitting')).toBe(3);
});

test('words in quotes, excluded ones and parts of names are left as they are', () => {
  const text = 'slipage "slipage cost" -slipage stop-ordre OR ordre';
  const query = parseQuery(text);
  expect(correctableWords(query)).toEqual(['slipage', 'ordre']);
  const meant = new Map([
    ['slipage', 'slippage'],
    ['ordre', 'order'],
  ]);
  expect(correctedText(text, query, meant)).toBe('slippage "slipage cost" -slipage stop-ordre OR order');
});
