import { describe, expect, test } from 'vitest';
import { chunksOf } from '../../domain/search/chunk.ts';
import { parseDocument } from './parse.ts';

const read = (content: string, format: 'markdown' | 'text' | 'html'): string => {
  const { title, sections } = parseDocument(content, format);
  const shown = sections.filter(({ heading, paragraphs }) => heading !== '' || paragraphs.length > 0);
  return [
    title,
    ...shown.map(({ level, heading, paragraphs }) =>
      [...(level > 0 ? [`${'#'.repeat(level)} ${heading}`] : []), ...paragraphs].join('\n'),
    ),
  ].join('\n--\n');
};

describe('Markdown', () => {
  test('is read by headings, without its marks', () => {
    const markdown = `---
draft: true
---
Before.

# Stop **orders** &amp; \`stops\`

A *sell* stop, see [the guide](https://example.org/x "Guide") and ![a chart](c.png).
Second line<br>third <em>line</em>.

Setext heading
--------------

- one
- two
  1. nested
- [x] done

> quoted
> > deeper

| order | fee |
|-------|-----|
| maker | 0.02 |

\`\`\`sh
pulse docs index # no heading
\`\`\`

<table><tr><td>in</td><td>HTML</td></tr></table>
<script>alert(1)</script>

[ref]: https://example.org
`;
    expect(read(markdown, 'markdown')).toBe(
      `Stop orders & stops
--
Before.
--
# Stop orders & stops
A sell stop, see the guide and a chart.
Second linethird line.
--
## Setext heading
one
two
nested
done
quoted
deeper
order | fee
maker | 0.02
pulse docs index # no heading
 in HTML`,
    );
  });

  test('without a heading takes its first line for its title', () => {
    expect(parseDocument('\n\nFirst *line*\nsecond\n\nthird', 'markdown').title).toBe('First line');
  });
});

describe('HTML', () => {
  test('is read by headings, without scripts, styles and navigation', () => {
    const html = `<!doctype html><html><head><title>Desk &amp; rules</title><style>p { color: red }</style></head>
<body><nav><a href="/">Home</a><h2>Menu</h2></nav><h1>Risk <em>rules</em></h1><p>At most
  <b>1&nbsp;%</b> a trade.<br>No more.</p><ul><li>one<li>two</ul>
<script>if (a < b) document.write('<p>no</p>')</script><noscript>no</noscript>
<h2>Table</h2><table><tr><th>rule</th><td>limit</td></tr><tr><td>loss</td><td>3&lt;4</td></tr></table>
<pre>a
  b</pre><!-- no --><p>unclosed <div>last`;
    expect(read(html, 'html')).toBe(
      `Desk & rules
--
# Risk rules
At most 1 % a trade.
No more.
one
two
--
## Table
 rule limit
 loss 3<4
a
  b
unclosed ${''}
last`,
    );
  });

  test.each([
    ['</p></div></b>text', 'text\n--\ntext'],
    ['<p class="x', ''],
    ['a < b & c > d', 'a < b & c > d\n--\na < b & c > d'],
    ['<h1>one<h2>two', 'one\n--\n# one\n--\n## two'],
    ['<script>never closed', ''],
    ['&#0;&#xd800;&bogus;', '\u{fffd}\u{fffd}&bogus;\n--\n\u{fffd}\u{fffd}&bogus;'],
  ])('broken as in %j', (html, wanted) => expect(read(html, 'html')).toBe(wanted));
});

test('a page nested as deep as none is loses its headings, not its words', () => {
  const nested = (depth: number): string => `${'<div>'.repeat(depth)}<h1>Stops</h1><p>and limits`;
  expect(read(nested(400), 'html')).toBe('Stops\n--\n# Stops\nand limits');
  expect(read(nested(600), 'html').replace(/\s+/g, ' ')).toBe('Stops and limits -- Stops and limits');
});

test('text has paragraphs and no headings', () => {
  expect(read('First line\r\nsecond\r\n\r\n# not a heading\r\n', 'text')).toBe(
    'First line\n--\nFirst line\nsecond\n# not a heading\n',
  );
});

describe('megabytes made to hurt are read, in whatever format they come', () => {
  const fill = (piece: string, size = 2_000_000): string => piece.repeat(Math.ceil(size / piece.length));
  const TEN = 10_000_000;
  test.each(
    Object.entries({
      quotes: fill('>', TEN),
      'quotes in lists': fill('> - '),
      'lists in lists': fill('- '),
      'lists ever deeper': Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}- x`).join('\n'),
      'quotes ever deeper': Array.from({ length: 1_400 }, (_, i) => `${'> '.repeat(i)}x`).join('\n'),
      stars: fill('*a '),
      underlines: fill('_a'),
      brackets: fill('[', TEN),
      links: fill('[a]('),
      backticks: fill('`a``b'),
      pipes: fill('|'),
      angles: fill('<'),
      'open elements': fill('<b>'),
      'open blocks': fill('<div>\n'),
      'elements closed that were never opened': `${'<i>'.repeat(500)}${fill('</b>')}`,
      comments: fill('<!--'),
      entities: fill('&amp;'),
      'NUL bytes': fill('\0', TEN),
      'halves of characters': fill('\ud800'),
      'one word': fill('a', TEN),
      spaces: fill(' ', TEN),
      'lines without end': fill('a\n'),
      'lists of one paragraph': fill('- a\n'),
      tables: `a|b\n-|-\n${fill('a|b\n')}`,
      headings: fill('# a\n'),
    }),
  )('%s', { timeout: 60_000 }, (_, content) => {
    for (const format of ['markdown', 'html', 'text'] as const) {
      const { sections, title } = parseDocument(content, format);
      const chunks = chunksOf(sections);
      expect(title.length).toBeLessThanOrEqual(300);
      expect(chunks.length).toBeLessThan(60_000);
    }
  });
});
