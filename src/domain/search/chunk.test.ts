import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunksOf, type Section } from './chunk.ts';

const section = (level: number, heading: string, ...paragraphs: string[]): Section => ({ level, heading, paragraphs });
const long = (word: string): string => `${word} `.repeat(60).trim();

test('each part below a heading is a passage, which knows the headings above it', () => {
  const chunks = chunksOf([
    section(1, 'Redis', long('intro')),
    section(2, 'Streams', long('stream')),
    section(3, 'Pending', long('pending')),
    section(2, 'Pub/sub', long('channel')),
  ]);
  expect(chunks.map(({ headings }) => headings.join(' > '))).toEqual([
    'Redis',
    'Redis > Streams',
    'Redis > Streams > Pending',
    'Redis > Pub/sub',
  ]);
  expect(chunks[2]!.content).toBe(long('pending'));
});

test('small neighbours are one passage, with the headings that they do not share in its text', () => {
  expect(
    chunksOf([
      section(1, 'Time in force'),
      section(2, 'FOK', 'All or nothing.'),
      section(2, 'IOC', 'What can be had.'),
    ]),
  ).toEqual([{ headings: ['Time in force'], content: 'FOK\nAll or nothing.\n\nIOC\nWhat can be had.' }]);
});

test('a heading with nothing below it is a passage of its own', () => {
  expect(chunksOf([section(1, 'Call the broker')])).toEqual([
    { headings: ['Call the broker'], content: 'Call the broker' },
  ]);
});

test('a long part is cut between paragraphs, or sentences, or words', () => {
  const sentence = 'The desk is flat before the release of the figures. ';
  const contents = chunksOf([section(1, 'News', sentence.repeat(30), sentence.repeat(15))]).map(
    ({ content }) => content,
  );
  expect(contents.length).toBeGreaterThan(1);
  for (const content of contents) expect(content).toMatch(/^The desk.*figures\.$/s);
  expect(chunksOf([section(0, '', 'x'.repeat(3_000))]).map(({ content }) => content.length)).toEqual([
    1_200, 1_200, 600,
  ]);
});

test('no character is cut in half', () => {
  const contents = chunksOf([section(0, '', `a${'😀'.repeat(1_000)}`)]).map(({ content }) => content);
  expect(contents.every((content) => content.isWellFormed())).toBe(true);
  expect(contents.join('')).toBe(`a${'😀'.repeat(1_000)}`);
});

test('nothing but space and empty headings is no passage', () => {
  expect(chunksOf([section(0, '', ' \n '), section(1, ' '), section(2, '')])).toEqual([]);
});

test('whatever the document, its passages are neither empty nor long, keep every word in order, and are not too many', () => {
  const words = fc.array(fc.constantFrom('stop', 'gap.', 'kafka', '\n\n', '\n', '😀', 'x'.repeat(700)), {
    maxLength: 80,
  });
  const paragraph = words.map((all) => all.join(' '));
  const sections = fc.array(
    fc.record({
      level: fc.integer({ min: 1, max: 6 }),
      heading: fc.constantFrom('A', 'B', ''),
      paragraphs: fc.array(paragraph, { maxLength: 4 }),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(sections, (all) => {
      const chunks = chunksOf(all);
      for (const { content } of chunks) {
        expect(content.trim()).not.toBe('');
        expect(content.length).toBeLessThanOrEqual(1_200);
        expect(content.isWellFormed()).toBe(true);
      }
      const letters = (text: string): string => text.replace(/\s|[AB]/g, '');
      expect(letters(chunks.map(({ content }) => content).join(''))).toBe(
        letters(all.flatMap(({ paragraphs }) => paragraphs).join('')),
      );
      const size = all.reduce(
        (sum, { heading, paragraphs }) => sum + heading.length + paragraphs.join('').length + 10,
        0,
      );
      expect(chunks.length).toBeLessThanOrEqual(2 + Math.ceil(size / 100));
    }),
  );
});
