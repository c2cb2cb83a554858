import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { threadReader } from '../../src/adapters/document-reader/thread.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { PulseError } from '../../src/domain/errors/errors.ts';
import type { Database } from '../../src/ports/database.ts';
import type { Documents, NewDocument } from '../../src/ports/desk.ts';
import { makeDocuments } from '../../src/services/desk/documents/documents.ts';
import type { VectorSearch } from '../../src/services/desk/documents/vector-search.ts';
import { type DocumentStore, openDocuments } from '../../src/stores/documents.ts';
import { type OpenDatabase, onBothDatabases } from '../support/both-databases.ts';

const clock = systemClock();
const reader = threadReader({ clock });
const tester = { name: 'tester', scopes: ['read', 'write'] as const };

function suite(open: OpenDatabase): void {
  let database: Database;
  let close: () => Promise<void>;
  let store: DocumentStore;
  let documents: Documents;
  const make = (vectors: VectorSearch | null, metrics = prometheusMetrics({ process: false })) =>
    makeDocuments(
      { store, vectors, reader, clock, metrics },
      { publicUrl: 'http://127.0.0.1:8002/', maxBytes: 100_000 },
    );
  beforeAll(async () => {
    ({ database, close } = await open());
    store = await openDocuments(database);
    documents = make(null);
  });
  afterAll(() => close());

  const add = (id: string, content: string, more: Partial<NewDocument> = {}) =>
    documents.add({ id, content, format: 'markdown', ...more }, tester);
  const ids = async (query: string, limit = 20, offset = 0) =>
    (await documents.search(query, limit, offset)).results.map(({ id }) => id);
  const words = () => database.query('SELECT word, documents FROM document_words ORDER BY word');
  afterEach(async () => {
    for (const { id } of await documents.list(1_000, 0)) await documents.remove(id, tester);
    // Whatever was indexed, nothing of it stays behind.
    expect(await words()).toEqual([]);
    expect(await database.query('SELECT FROM document_chunks')).toEqual([]);
    expect(await database.query('SELECT FROM document_terms')).toEqual([]);
  });

  test('a document is added, found by its words in whatever form, and gone once removed', async () => {
    expect(await add('stops', STOPS)).toEqual({ id: 'stops', chunks: 1, change: 'added' });
    const page = await documents.search('triggered -iceberg', 10, 0);
    expect(page).toMatchObject({ query: 'triggered -iceberg', mode: 'text', corrected: null, total: 1 });
    expect(page.results).toEqual([
      {
        id: 'stops',
        title: 'Stop orders',
        url: 'http://127.0.0.1:8002/documents/stops',
        headings: ['Stop orders'],
        content: 'A stop order becomes a market order once the price trades through its trigger.',
        snippet: 'A stop order becomes a market order once the price trades through its <mark>trigger</mark>.',
        score: expect.any(Number),
        ranks: { text: 1, vector: null },
      },
    ]);
    expect(await documents.get('stops')).toMatchObject({ title: 'Stop orders', format: 'markdown', content: STOPS });
    await documents.remove('stops', tester);
    expect(await documents.search('trigger', 10, 0)).toMatchObject({ total: 0, results: [] });
    await expect(documents.get('stops')).rejects.toThrow('there is no document "stops"');
    await expect(documents.remove('stops', tester)).rejects.toThrow('there is no document "stops"');
  });

  test('the same text again changes nothing; another title, url or text is an update', async () => {
    await add('a', STOPS);
    const before = await documents.get('a');
    expect(await add('a', STOPS)).toEqual({ id: 'a', chunks: 1, change: 'unchanged' });
    expect(await documents.get('a')).toEqual(before);
    expect(await add('a', STOPS, { title: 'Other' })).toMatchObject({ change: 'updated' });
    expect(await add('a', STOPS, { title: 'Other', url: 'https://example.org/a' })).toMatchObject({
      change: 'updated',
    });
    expect(await add('a', STOPS, { title: 'Other', url: 'https://example.org/a' })).toMatchObject({
      change: 'unchanged',
    });
    expect(await documents.get('a')).toMatchObject({ title: 'Other', url: 'https://example.org/a' });
    expect(await add('a', '# Icebergs')).toMatchObject({ change: 'updated' });
    expect(await ids('trigger')).toEqual([]);
    expect(await ids('iceberg')).toEqual(['a']);
  });

  test('of a document that changed only the passages that changed are written', async () => {
    const text = (middle: string) =>
      ['one', middle, 'three'].map((each) => `# ${each}\n\n${`${each} `.repeat(80)}`).join('\n\n');
    const rows = () =>
      database.query<{ number: number; xmin: string; digest: string }>(
        'SELECT number, xmin::text, digest FROM document_chunks ORDER BY number',
      );
    await add('doc', text('two'), { title: 'T' });
    const before = await rows();
    await add('doc', text('second'), { title: 'T' });
    const after = await rows();
    expect(after.map(({ xmin }, i) => xmin === before[i]!.xmin)).toEqual([true, false, true]);
    expect(after.map(({ digest }, i) => digest === before[i]!.digest)).toEqual([true, false, true]);
    const chunks = await store.chunks([0, 1, 7].map((number) => ({ documentId: 'doc', number })));
    expect(
      chunks.map(({ number, title, headings }) => ({ number, title, headings })).sort((a, b) => a.number - b.number),
    ).toEqual([
      { number: 0, title: 'T', headings: ['one'] },
      { number: 1, title: 'T', headings: ['second'] },
    ]);
  });

  test('versions of a document that come at once end as one of them, whole', async () => {
    const version = (n: number) =>
      `# Version ${n}\n\n${`${NUMBERS[n]} `.repeat(300)}\n\n# Last\n\n${`${NUMBERS[n]} `.repeat(100)}`;
    const done = await Promise.all(NUMBERS.map((_, n) => add('raced', version(n))));
    expect(done.filter(({ change }) => change === 'added')).toHaveLength(1);
    const { content } = await documents.get('raced');
    const last = NUMBERS.findIndex((_, n) => content === version(n));
    expect(last).toBeGreaterThanOrEqual(0);
    for (const [n, word] of NUMBERS.entries()) expect(await ids(`"${word}"`)).toEqual(n === last ? ['raced'] : []);
    expect((await words()).map((row) => [row.word, row.documents])).toEqual(
      ['last', 'version', NUMBERS[last]].sort().map((word) => [word, 1]),
    );
  });

  test('documents that have every word come before those that have one often, those with it in the title first', async () => {
    await add('often', `# Other\n\n${'lag '.repeat(60)}`);
    await add('both', '# Other\n\nThe consumer has some lag behind its partition.');
    await add('titled', '# Consumer lag\n\nHow far behind is it?');
    await add('neither', '# Spread\n\nBid and ask.');
    expect(await ids('consumer lag')).toEqual(['titled', 'both', 'often']);
    expect(await documents.search('consumer lag', 1, 0)).toMatchObject({ total: 3 });
  });

  test('a document that is all about a rare word comes after one that has every word, on whatever page', async () => {
    await add('rare', `# Gamma\n\n${'gamma '.repeat(40)}`);
    await add('every', `# Book\n\nThe hedge of gamma ${'and other words of the desk '.repeat(25)}`);
    for (let n = 0; n < 4; n += 1) await add(`common-${n}`, '# Desk\n\nA hedge.');
    expect((await ids('gamma')).at(0)).toBe('rare');
    expect([...(await ids('gamma hedge', 1, 0)), ...(await ids('gamma hedge', 1, 1))]).toEqual(['every', 'rare']);
  });

  test('phrases, alternatives and exclusions hold', async () => {
    await add('fok', '# Orders\n\nFill or kill: all of it or nothing.');
    await add('kill', '# Orders\n\nKill the process or fill the form.');
    await add('long', `# Book\n\n${'depth '.repeat(250)}\n\n# Fees\n\n${'maker '.repeat(250)}`);
    expect(await ids('"fill or kill"')).toEqual(['fok']);
    expect(await ids('"kill fill"')).toEqual([]);
    expect((await ids('kill')).sort()).toEqual(['fok', 'kill']);
    expect(await ids('kill -process')).toEqual(['fok']);
    expect(await ids('kill -"all of it"')).toEqual(['kill']);
    expect((await ids('nothing OR depth')).sort()).toEqual(['fok', 'long']);
    expect(await ids('"fill or kill" nonsense')).toEqual(['fok']);
    // What is excluded may stand in another passage of the document.
    expect(await ids('depth')).toEqual(['long']);
    expect(await ids('depth -maker')).toEqual([]);
    expect(await documents.search('-kill', 10, 0)).toMatchObject({ total: 0, results: [], corrected: null });
  });

  test('names with points, strokes and underlines are found whole and in part', async () => {
    await add('names', '# Streams\n\nThe channel ticks.EURUSD, the key v2:ticks:l1, max_positions and 99.9 %.');
    for (const query of ['ticks.EURUSD', 'eurusd', 'v2:ticks:l1', 'max_positions', 'positions', '99.9'])
      expect(await ids(query)).toEqual(['names']);
    for (const query of ['"eurusd ticks"', 'GBPUSD', '"99 8"']) expect(await ids(query)).toEqual([]);
  });

  test('a word that no document has is taken for the nearest one that some have', async () => {
    await add('a', '# Slippage\n\nThe cost of rebalancing EURUSD with orders.');
    expect(await documents.search('slipage cots', 10, 0)).toMatchObject({ corrected: 'slippage cost', total: 1 });
    // Known in another form, a symbol with digits, too short, too far off, meant just so: all left alone.
    for (const query of ['rebalance', 'order', 'eurusd2', 'cst', 'slpg', '"slipage"', '-slipage cost'])
      expect((await documents.search(query, 10, 0)).corrected).toBe(null);
    await add('b', '# Slipage\n\nAs one author writes it.');
    expect(await documents.search('slipage', 10, 0)).toMatchObject({ corrected: null, total: 1 });
  });

  test('pages never overlap, whatever ties there are, and have everything between them', async () => {
    for (let n = 0; n < 25; n += 1)
      await add(`tie-${n}`, `# Same\n\nThe same words about margin${n < 5 ? ' margin' : ''}.`);
    const pages = [];
    for (let offset = 0; offset < 30; offset += 7) pages.push(await documents.search('margin words', 7, offset));
    const found = pages.flatMap(({ results }) => results);
    expect(new Set(found.map(({ id }) => id)).size).toBe(25);
    expect(found.map(({ ranks }) => ranks.text)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    expect(pages.map(({ total }) => total)).toEqual([25, 25, 25, 25, 25]);
    expect(await documents.search('margin words', 7, 1_000)).toMatchObject({ total: 25, results: [] });
  });

  test('no query is an error', async () => {
    await add('a', STOPS);
    const sign = fc.constantFrom(
      '"',
      '-',
      'OR',
      '|',
      '&',
      '!',
      '<->',
      ':*',
      "'",
      '\\',
      '\0',
      '(',
      ')',
      ' ',
      'stop',
      'é',
      '😀',
      '\ud800',
      '%',
      '$1',
      ';--',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(sign).map((all) => all.join('')),
          fc.string({ unit: 'binary' }),
        ),
        async (query) => {
          const { total, results } = await documents.search(query, 3, 0);
          expect(results.length).toBeLessThanOrEqual(total);
        },
      ),
      { numRuns: 150 },
    );
    const words = Array.from({ length: 1_000 }, (_, i) => `word${i}`).join(' ');
    expect(await documents.search(`stop ${words}`, 3, 0)).toMatchObject({ total: 1 });
    expect(await documents.search('x'.repeat(100_000), 3, 0)).toMatchObject({ total: 0 });
  });

  test('texts that databases choke on are stored as well as can be', async () => {
    const awkward = 'Null \0 byte, half \ud800 a sign, \ufeff mark, \u2028 line, a kafka lag. <b>bold</b>';
    await add('awkward', awkward, { format: 'text', title: 'A\0B\udfff', url: 'https://example.org/\0' });
    expect(await ids('"half a sign"')).toEqual(['awkward']);
    const [hit] = (await documents.search('kafka lag', 10, 0)).results;
    expect(hit!.snippet).toContain('<mark>kafka</mark> <mark>lag</mark>. &lt;b&gt;bold&lt;/b&gt;');
    expect(
      await add('awkward', awkward, { format: 'text', title: 'A\0B\udfff', url: 'https://example.org/\0' }),
    ).toMatchObject({
      change: 'unchanged',
    });
    await add('long', `${'a'.repeat(50_000)} ${'c '.repeat(20_000)}`, { format: 'text' });
    expect(await ids('c')).toEqual(['long']);
  });

  test('an id is the one given, or of the document with the url, or made of the url or the content', async () => {
    const made = await documents.add({ content: 'Some text', format: 'text' }, tester);
    expect(made.id).toMatch(/^[a-z0-9]{20}$/);
    expect(await documents.add({ content: 'Some text', format: 'text' }, tester)).toEqual({
      ...made,
      change: 'unchanged',
    });
    const url = 'https://example.org/guide';
    const first = await documents.add({ content: 'Guide one', format: 'text', url }, tester);
    const second = await documents.add({ content: 'Guide two', format: 'text', url }, tester);
    expect([first.change, second.change, second.id]).toEqual(['added', 'updated', first.id]);
    await add('named', 'Guide three', { url: 'https://example.org/named' });
    expect(
      await documents.add({ content: 'Guide four', format: 'text', url: 'https://example.org/named' }, tester),
    ).toMatchObject({
      id: 'named',
      change: 'updated',
    });
    expect((await documents.list(2, 0)).map(({ id, url: at }) => [id, at])).toEqual([
      ['named', 'https://example.org/named'],
      [first.id, url],
    ]);
    expect(await documents.list(10, 2)).toMatchObject([{ id: made.id, title: 'Some text' }]);
  });

  test('letters beyond the basic plane are indexed, found, and forgiven', async () => {
    const letters = ['\u{20100}', '\u{20101}', '\u{20102}', '\u{20103}', '\u{20104}', '\u{20105}'];
    await add('rare', `# ${letters.join('')}\n\n\u{1d58b}\u{1d594}\u{1d58d} \u{1f389}`);
    expect((await documents.search(letters.join(''), 10, 0)).total).toBe(1);
    expect(await documents.search(letters.slice(1).join(''), 10, 0)).toMatchObject({
      total: 1,
      corrected: letters.join(''),
    });
  });

  test.each([
    ['document.id', { id: 'a/b', content: 'x' }],
    ['document.id', { id: '..', content: 'x' }],
    ['document.id', { id: '', content: 'x' }],
    ['document.too-large', { id: 'a', content: 'é'.repeat(60_000) }],
    ['document.empty', { id: 'a', content: '' }],
    ['document.empty', { id: 'a', content: ' \n\0 ' }],
  ])('%s: refused are %j', async (code, { id, content }) => {
    await expect(add(id, content)).rejects.toMatchObject({ code });
    expect(await documents.list(10, 0)).toEqual([]);
  });

  test('of a text with more different words than any prose all are found, and 20,000 stand for misspelled ones', {
    timeout: 60_000,
  }, async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const word = (n: number): string =>
      [n, n / 26, n / 676, n / 17_576].map((m) => letters[Math.floor(m) % 26]).join('');
    const chunks = Array.from({ length: 105 }, (_, i) => {
      const content = Array.from({ length: 200 }, (__, j) => word(i * 200 + j)).join(' ');
      return { headings: [], content, digest: `${i}` };
    });
    const document = { id: 'made', title: 'T', url: null, format: 'text', content: 'x', digest: 'x', chunks } as const;
    expect(await store.put(document, 0)).toBe('added');
    expect(await words()).toHaveLength(20_000);
    for (const n of [0, 19_999, 20_999]) expect(await ids(`"${word(n)}"`)).toEqual(['made']);
  });

  test('with a search by meaning both lists are fused, and what the query forbids stays out of either', async () => {
    for (const [id, text] of Object.entries({
      a: 'kafka lag',
      b: 'delay of the reader',
      c: 'redis lag',
      d: 'kafka retention',
    }))
      await add(id, `# Doc ${id}\n\n${text}`);
    const asked: string[] = [];
    const hybrid = make({
      nearest: async (query) => {
        asked.push(query);
        return ['c', 'b', 'a', 'a', 'gone'].map((documentId) => ({ documentId, chunk: 0, similarity: 0.5 }));
      },
    });
    const page = await hybrid.search('what is kafka lag', 10, 0);
    expect(page).toMatchObject({ mode: 'hybrid', total: 4 });
    expect(page.results.map(({ id, ranks }) => [id, ranks.text, ranks.vector])).toEqual([
      ['c', 2, 1],
      ['a', 1, 3],
      ['b', null, 2],
      ['d', 3, null],
    ]);
    const halves = [
      ...(await hybrid.search('what is kafka lag', 2, 0)).results,
      ...(await hybrid.search('what is kafka lag', 2, 2)).results,
    ];
    expect(halves).toEqual(page.results);
    expect((await hybrid.search('lag -kafka', 10, 0)).results.map(({ id }) => id)).toEqual(['c', 'b']);
    expect((await hybrid.search('"kafka lag"', 10, 0)).results.map(({ id }) => id)).toEqual(['a']);
    expect(await hybrid.search('-kafka', 10, 0)).toMatchObject({ total: 0 });
    expect(asked).toEqual(['kafka lag', 'kafka lag', 'kafka lag', 'lag', 'kafka lag']);
  });

  test('what lies nearest but far from the query all the same is not found', async () => {
    await add('near', '# Stops\n\nThey limit losses.');
    await add('far', '# Bread\n\nIt rises overnight.');
    const hybrid = make({
      nearest: async () => [
        { documentId: 'near', chunk: 0, similarity: 0.21 },
        { documentId: 'far', chunk: 0, similarity: 0.19 },
      ],
    });
    const page = await hybrid.search('protection against ruin', 10, 0);
    expect(page).toMatchObject({
      mode: 'hybrid',
      total: 1,
      results: [{ id: 'near', ranks: { text: null, vector: 1 } }],
    });
  });

  test('while the search by meaning fails, full text answers, and it is counted', async () => {
    await add('a', STOPS);
    const metrics = prometheusMetrics({ process: false });
    const failing = make(
      { nearest: () => Promise.reject(new PulseError('embedder.unavailable', { name: 'x', reason: 'away' })) },
      metrics,
    );
    expect(await failing.search('trigger', 10, 0)).toMatchObject({ mode: 'text', total: 1 });
    expect(await metrics.text()).toContain('pulse_document_vector_failures_total 1');
  });
}

const STOPS = '# Stop orders\n\nA stop order becomes a market order once the price trades through its trigger.';
const NUMBERS = ['zeroth', 'first', 'second', 'third', 'fourth', 'fifth'];

await onBothDatabases(suite);
