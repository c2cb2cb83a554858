import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, LineSplitter, MAX_LINE } from './line-splitter.ts';

function split(chunks: readonly Buffer[]): { lines: Line[]; count: number } {
  const splitter = new LineSplitter();
  const lines: Line[] = [];
  for (const chunk of chunks) splitter.push(chunk, (line) => lines.push(line));
  splitter.finish((line) => lines.push(line));
  return { lines, count: splitter.lines };
}

const texts = (lines: readonly Line[]): string[] => lines.map(({ bytes }) => bytes.toString());

test.each`
  input           | lines         | why
  ${'a\nb\n'}     | ${['a', 'b']} | ${'each ends with LF'}
  ${'a\r\nb\r\n'} | ${['a', 'b']} | ${'or CRLF'}
  ${'a\nb'}       | ${['a', 'b']} | ${'the last needs no end'}
  ${'\n\na\n\n'}  | ${['a']}      | ${'blank ones are left out'}
  ${''}           | ${[]}         | ${'nothing gives nothing'}
`('$input: $why', ({ input, lines }) => {
  expect(texts(split([Buffer.from(input)]).lines)).toEqual(lines);
});

test('numbers lines as an editor does', () => {
  expect(split([Buffer.from('a\n\nb\n')]).lines.map(({ number }) => number)).toEqual([1, 3]);
});

test('the way bytes are cut into chunks changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'é', '\n', '\r\n', '{"x":1}')), fc.array(fc.nat(40)), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''));
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
      expect(texts(split(chunks).lines)).toEqual(texts(split([bytes]).lines));
    }),
  );
});

test('a line without end is told once, cut, and what follows it is read on', () => {
  const chunk = Buffer.alloc(MAX_LINE / 2, 'x');
  const { lines, count } = split([chunk, chunk, chunk, chunk, Buffer.from('\nb\n')]);
  expect(lines.map(({ tooLong, number }) => [tooLong, number])).toEqual([
    [true, 1],
    [false, 2],
  ]);
  expect(lines[0]!.bytes.length).toBeLessThanOrEqual(2 * MAX_LINE);
  expect(count).toBe(2);
});
