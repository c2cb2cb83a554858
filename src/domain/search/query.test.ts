import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askedWords, parseQuery, type Term } from './query.ts';

const shown = ({ words, quoted }: Term): string => (quoted ? `"${words.join(' ')}"` : words.join('+'));
const read = (text: string): string => {
  const { groups, excluded } = parseQuery(text);
  return [...groups.map((group) => group.map(shown).join('|')), ...excluded.map((term) => `-${shown(term)}`)].join(' ');
};

describe('a query', () => {
  test.each([
    ['stop order', 'stop order'],
    ['"fill or kill" fok', '"fill or kill" fok'],
    ['iceberg OR pegged queue', 'iceberg|pegged queue'],
    ['a OR', 'a'],
    ['OR OR kafka OR OR redis', 'kafka|redis'],
    ['kafka | redis', 'kafka|redis'],
    ['drawdown -daily', 'drawdown -daily'],
    ['gap -"weekend gap"', 'gap -"weekend gap"'],
    ['stop-loss', 'stop+loss'],
    ['ticks.EURUSD 99.9 max_positions', 'ticks+eurusd 99+9 max+positions'],
    ['- -- gap', 'gap'],
    ['-only -minus', '-only -minus'],
    ['"never closed', '"never closed"'],
    ['closed" early', 'closed early'],
    ['“curly quotes” work', '"curly quotes" work'],
    ['"" "" -', ''],
    ['', ''],
    [' \t\n ', ''],
    ['!!! ??? ;;', ''],
    ["'; DROP TABLE documents; --", 'drop table documents'],
    ['a & b | !c <-> d:*', 'b|c d'],
    ['KÖLN Café', 'koln cafe'],
  ])('%j asks for %j', (text, wanted) => expect(read(text)).toBe(wanted));

  test('leaves out the words that hold a question together, unless there are no others or they are quoted', () => {
    expect(read('what is a stop order')).toBe('stop order');
    expect(read('what is it')).toBe('what is it');
    expect(read('"in the money"')).toBe('"in the money"');
    expect(read('pulse up')).toBe('pulse up');
  });

  test('of a thousand words asks for no more than say something', () => {
    const text = Array.from({ length: 1_000 }, (_, i) => `word${i}`).join(' ');
    expect(parseQuery(text).groups).toHaveLength(64);
    expect(parseQuery(`"${text}"`).groups[0]![0]!.words).toHaveLength(16);
  });

  test('is each text whatever, and its terms stand where they say', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), anyQuery), (text) => {
        const query = parseQuery(text);
        for (const { words, start, end } of [...query.groups.flat(), ...query.excluded]) {
          expect(words.length).toBeGreaterThan(0);
          for (const word of words) expect(word).toMatch(/^[\p{L}\p{N}]{1,64}$/u);
          expect(0 <= start && start < end && end <= text.length).toBe(true);
          expect(parseQuery(`"${text.slice(start, end)}"`).groups[0]?.[0]?.words).toEqual(words);
        }
      }),
    );
  });

  test('asks for each of its words once, not for those that it excludes', () => {
    expect(askedWords(parseQuery('kafka lag OR "kafka delay" -redis'))).toEqual(['kafka', 'lag', 'delay']);
  });
});

const anyQuery = fc
  .array(
    fc.oneof(fc.constantFrom('"', '-', 'OR', '|', ' ', '“', '”', "'", '<->', '&', '!', ':*', '\0', '\\'), fc.string()),
  )
  .map((parts) => parts.join(''));
