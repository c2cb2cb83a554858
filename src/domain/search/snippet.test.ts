import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snippetOf } from './snippet.ts';

test('the words looked for are marked, in whatever case they stand', () => {
  expect(snippetOf('A Stop order becomes a market ORDER.', new Set(['stop', 'order']))).toBe(
    'A <mark>Stop</mark> <mark>order</mark> becomes a market <mark>ORDER</mark>.',
  );
});

test('everything else is escaped', () => {
  expect(snippetOf(`<script>alert("x")</script> & <mark>'kafka'</mark>`, new Set(['kafka', 'lt']))).toBe(
    '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &lt;mark&gt;&#39;<mark>kafka</mark>&#39;&lt;/mark&gt;',
  );
});

test('of a long passage the part with the most different words is shown, cut between words', () => {
  const filler = 'the desk waits for the next session '.repeat(20);
  const snippet = snippetOf(
    `lag lag lag ${filler}consumer lag of a partition grows ${filler}`,
    new Set(['lag', 'consumer', 'partition']),
  );
  expect(snippet).toMatch(/^… .*<mark>consumer<\/mark> <mark>lag<\/mark> of a <mark>partition<\/mark> grows .* …$/);
});

test('without any of the words the beginning is shown', () => {
  expect(snippetOf('volume '.repeat(100), new Set(['lag']))).toMatch(/^volume volume .* …$/);
});

test('whatever the passage, there is no markup in it but the marks, and it is short', () => {
  const pieces = fc.constantFrom('kafka ', 'lag', '<b>', '&', '"', '\n', ' ', 'é', '😀', 'a'.repeat(300));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pieces, fc.string())).map((parts) => parts.join('')),
      (content) => {
        const html = snippetOf(content, new Set(['kafka', 'lag']));
        const text = html.replace(/<mark>([^<>]*)<\/mark>/g, '$1');
        expect(text).not.toMatch(/[<>"']/);
        expect(text.replace(/&(amp|lt|gt|quot|#39);/g, '.').length).toBeLessThanOrEqual(244);
        const marked = [...html.matchAll(/<mark>([^<>]*)<\/mark>/g)].map((match) => match[1]);
        for (const word of marked) expect(['kafka', 'lag']).toContain(word!.toLowerCase());
      },
    ),
  );
});
