import { expect } from 'vitest';
import { guidanceAnswer } from '../../src/domain/desk/guidance-answer.ts';
import { servedBars, streamEntries } from '../../src/domain/desk/market-answers.ts';
import { searchPage } from '../../src/domain/desk/search-page.ts';
import { trade as tradeSchema } from '../../src/domain/desk/trade.ts';
import { type StrategyPayload, strategyPayload } from '../../src/domain/trade/strategy-payload.ts';
import type { EntryStream } from '../../src/ports/entry-stream.ts';
import { openAnalyses } from '../../src/stores/analyses.ts';
import { deskCaller as caller, type DeskOnTape, LARGEST_DOCUMENT } from '../support/desk-engines.ts';
import { trendTrade } from '../support/mcp2-desk.ts';
import { recordSessionsIn } from '../support/parity-desk.ts';
import { analysisOf } from '../support/sample-analysis.ts';
import { contract } from './contract.ts';

const payloadOf = (change: Readonly<Record<string, unknown>> = {}): StrategyPayload =>
  strategyPayload.parse(trendTrade(change));
const never = new AbortController().signal;
const asked = { questions: ['Is the risk within the limits?'], notes: '' };
const code = (code: string) => ({ name: 'PulseError', code });

/** Whatever goes over a wire comes back as it was. */
const expectPlain = (answer: unknown): void => expect(JSON.parse(JSON.stringify(answer))).toStrictEqual(answer);

/** A symbol of which nothing is on the tape: what the tool names, in letters that a symbol may have. */
const symbolOf = (tools: { name(word: string): string }): string => tools.name('EUR').toUpperCase();

const START = 1_772_460_000;

const writeBars = (streams: EntryStream, symbol: string, count: number): Promise<string[]> =>
  streams.append(
    Array.from({ length: count }, (_, i) => ({
      stream: `stream:bar:1m:${symbol}`,
      fields: {
        ts: String(START + i * 60),
        open: '1.08',
        high: '1.0812',
        low: '1.0799',
        close: String(1.08 + i / 10_000),
        volume: '6.5',
        n: '6',
      },
    })),
  );

export const deskContract = contract<DeskOnTape>('desk', [
  [
    'keeps a trade, and gives it back as it was logged',
    async ({ desk: { trades } }) => {
      const payload = payloadOf({
        trade: { side: 'long', entry: '1.0842', note: 'Ünï "çode" 📈' },
        payload: { nested: [1, null] },
      });
      const { id, repeated } = await trades.log(payload, caller, null);
      expect(repeated).toBe(false);
      const found = await trades.fetch(id);
      expect(found).toStrictEqual({ id, received_at: expect.any(String), received_by: 'desk', payload });
      expect(tradeSchema.parse(found)).toEqual(found);
      expectPlain(found);
    },
  ],
  [
    'stores a trade once under its idempotency key, and tells a repeat from another trade',
    async ({ desk: { trades } }, tools) => {
      const key = tools.name('order');
      const first = await trades.log(payloadOf(), caller, key);
      expect(await trades.log(payloadOf(), caller, key)).toEqual({ id: first.id, repeated: true });
      await expect(trades.log(payloadOf({ strategy: 'another' }), caller, key)).rejects.toMatchObject(
        code('trade.idempotency'),
      );
      const other = await trades.log(payloadOf(), caller, tools.name('order'));
      expect([other.repeated, other.id === first.id]).toEqual([false, false]);
    },
  ],
  [
    'takes no idempotency key that a header cannot hold',
    async ({ desk: { trades } }) => {
      for (const key of ['', 'two words', 'schlüssel', '📈', 'line\nbreak', 'k'.repeat(256)])
        await expect(trades.log(payloadOf(), caller, key)).rejects.toMatchObject(code('request.argument'));
    },
  ],
  [
    'lists the newest trades first, and goes on before one of them to the end',
    async ({ desk: { trades } }) => {
      const logged: string[] = [];
      for (let i = 0; i < 5; i += 1) logged.unshift((await trades.log(payloadOf({ i }), caller, null)).id);
      const idsOf = async (limit: number, before: string | null) =>
        (await trades.recent(limit, before)).map(({ id }) => id);
      expect(await idsOf(2, null)).toEqual(logged.slice(0, 2));
      expect(await idsOf(3, logged[1]!)).toEqual(logged.slice(2));
      const [newest] = await trades.recent(1, null);
      expect(newest).toEqual(await trades.fetch(logged[0]!));
    },
  ],
  [
    'knows no trade and no place to go on before that it did not give',
    async ({ desk: { trades } }) => {
      const strangers = [
        'x',
        '',
        'a b',
        '../x',
        'a\0b',
        '\ud83d',
        'x'.repeat(300),
        '0197c000-0000-7000-8000-000000000000',
      ];
      for (const id of strangers) {
        await expect(trades.fetch(id)).rejects.toMatchObject(code('trade.none'));
        await expect(trades.recent(1, id)).rejects.toMatchObject(code('trade.cursor'));
      }
    },
  ],
  [
    'keeps a document, finds it by its words, and forgets it',
    async ({ desk: { documents } }, tools) => {
      const word = tools.name('slippage').replace('-', '');
      const content = `# ${word}\n\nThe fill came two ticks worse & more than the quote.\n`;
      const added = await documents.add({ content, format: 'markdown' }, caller);
      expect(added).toStrictEqual({ id: expect.any(String), chunks: 1, change: 'added' });
      const { id } = added;
      const page = await documents.search(`${word} fill`, 5, 0);
      expect(page).toMatchObject({ query: `${word} fill`, corrected: null, mode: 'text', total: 1 });
      expect(page.results).toMatchObject([{ id, title: word, headings: [word], ranks: { text: 1, vector: null } }]);
      expect(page.results[0]!.snippet).toContain('<mark>fill</mark>');
      expect(page.results[0]!.snippet).toContain('&amp;');
      expect(searchPage.parse(page)).toEqual(page);
      expectPlain(page);
      expect((await documents.search(word, 5, 1)).results).toEqual([]);
      const stored = await documents.get(id);
      expect(stored).toMatchObject({ id, title: word, format: 'markdown', content });
      expect(stored.url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/documents/${id}$`));
      expectPlain(stored);
      await documents.remove(id, caller);
      await expect(documents.get(id)).rejects.toMatchObject(code('document.none'));
      await expect(documents.remove(id, caller)).rejects.toMatchObject(code('document.none'));
      expect((await documents.search(word, 5, 0)).results).toEqual([]);
    },
  ],
  [
    'takes documents of one url, or of one id, for versions of one',
    async ({ desk: { documents } }, tools) => {
      const url = `https://desk.example/${tools.name('rules')}`;
      const document = { content: 'First stop, then size.', format: 'text', url } as const;
      const first = await documents.add(document, caller);
      expect(await documents.add(document, caller)).toEqual({ ...first, change: 'unchanged' });
      expect(await documents.add({ ...document, content: 'First size, then stop.' }, caller)).toEqual({
        ...first,
        change: 'updated',
      });
      expect(await documents.get(first.id)).toMatchObject({ url, content: 'First size, then stop.' });
      const id = `${tools.name('rule')}.v~1_`;
      expect((await documents.add({ content: 'a', format: 'text', id }, caller)).id).toBe(id);
      expect(await documents.add({ content: 'b', format: 'text', id, title: 'Named' }, caller)).toMatchObject({
        id,
        change: 'updated',
      });
      expect(await documents.get(id)).toMatchObject({ title: 'Named', content: 'b' });
    },
  ],
  [
    'lists documents newest first, in pages, without their content',
    async ({ desk: { documents } }, tools) => {
      const ids = ['a', 'b', 'c'].map((word) => tools.name(word));
      for (const id of ids) await documents.add({ content: `Of ${id}`, format: 'text', id }, caller);
      const listed = [...(await documents.list(2, 0)), ...(await documents.list(1, 2))];
      expect(listed.map(({ id }) => id)).toEqual(ids.toReversed());
      const { content: _content, ...rest } = await documents.get(ids[2]!);
      expect(listed[0]).toStrictEqual(rest);
    },
  ],
  [
    'knows no document that nobody added, whatever it is called',
    async ({ desk: { documents } }) => {
      for (const id of ['nobody', '', '.', '..', 'a/b', 'a b', '%2e', '?', 'a\0b', '\ud83d', 'x'.repeat(400)]) {
        await expect(documents.get(id), id).rejects.toMatchObject(code('document.none'));
        await expect(documents.remove(id, caller), id).rejects.toMatchObject(code('document.none'));
      }
    },
  ],
  [
    'refuses a document without text, one that is too large, and an id that can stand in no URL',
    async ({ desk: { documents } }) => {
      const add = (content: string, id?: string) =>
        documents.add({ content, format: 'text', ...(id !== undefined && { id }) }, caller);
      for (const content of ['', ' \n\t ']) await expect(add(content)).rejects.toMatchObject(code('document.empty'));
      await expect(documents.add({ content: '<script>x</script>', format: 'html' }, caller)).rejects.toMatchObject(
        code('document.empty'),
      );
      for (const times of [1, 20])
        await expect(add('ticks '.repeat(LARGEST_DOCUMENT / 6 + 1).repeat(times))).rejects.toMatchObject(
          code('document.too-large'),
        );
      for (const id of ['', '.', '..', 'a b', 'a/b', 'ä', 'x'.repeat(129)])
        await expect(add('Of ticks', id), id).rejects.toMatchObject(code('document.id'));
    },
  ],
  [
    'gives guidance by the rules where no model is configured, with nudges only where they are wanted',
    async ({ desk: { guidance } }, tools) => {
      const payload = payloadOf({ strategy: tools.name('trend'), positions: { open: 3, closed: 2, total_risk: 0.05 } });
      const whisperer = await guidance.whisperer({ payload, ...asked }, caller, never);
      const simple = await guidance.simple({ payload, ...asked }, caller, never);
      expect(whisperer.meta).toMatchObject({
        endpoint: 'whisperer',
        provider: 'rules',
        stub: true,
        reused: false,
        fallbacks: [],
      });
      expect(whisperer.meta.tokens).toEqual({ input: null, output: null });
      expect(simple.meta).toMatchObject({ endpoint: 'simple', nudges: [], prompt_hash: whisperer.meta.prompt_hash });
      expect(simple.meta.id).not.toBe(whisperer.meta.id);
      for (const answer of [whisperer, simple]) {
        expect(guidanceAnswer.parse(answer)).toEqual(answer);
        expectPlain(answer);
      }
    },
  ],
  [
    'gives guidance on the newest entry of a stream',
    async ({ desk: { guidance }, streams }, tools) => {
      const stream = tools.name('setups');
      const entry = (rsi: number) => ({
        stream,
        fields: { payload: JSON.stringify(trendTrade({ features: { indicators: { rsi } } })) },
      });
      await streams.append([entry(63.2), entry(58.4)]);
      for (const model of ['rules', 'whisperer', 'simple']) {
        const answer = await guidance.analyze(model, stream, asked, caller, never);
        expect(answer.meta).toMatchObject({ endpoint: 'analyze', provider: 'rules' });
        expect(answer.signal).toContain('RSI 58.4');
      }
    },
  ],
  [
    'says why a stream cannot be analysed',
    async ({ desk: { guidance }, streams }, tools) => {
      const [stream, bare] = [tools.name('setups'), tools.name('setups')];
      await streams.append([{ stream: bare, fields: { note: 'no payload here' } }]);
      const analyze = (model: string, of: string) => guidance.analyze(model, of, asked, caller, never);
      await expect(analyze('rules', stream)).rejects.toMatchObject(code('stream.empty'));
      await expect(analyze('rules', bare)).rejects.toMatchObject(code('stream.no-payload'));
      for (const model of ['nobody', '', '..', 'a/b', 'a b', 'a\0b', '\ud83d', 'x'.repeat(200)])
        await expect(analyze(model, bare), model).rejects.toMatchObject(code('model.unknown'));
    },
  ],
  [
    'names the rules among the models',
    async ({ desk: { guidance } }) => {
      const models = await guidance.models(never);
      expect(models).toEqual([
        { name: 'rules', provider: 'rules', model: expect.any(String), reachable: true, detail: null },
      ]);
    },
  ],
  [
    'ends guidance that is cancelled with the reason of its signal, and goes on',
    async ({ desk: { guidance }, streams }, tools) => {
      const stream = tools.name('setups');
      await streams.append([{ stream, fields: { payload: JSON.stringify(trendTrade()) } }]);
      const calls: readonly ((signal: AbortSignal) => Promise<unknown>)[] = [
        (signal) => guidance.whisperer({ payload: payloadOf(), ...asked }, caller, signal),
        (signal) => guidance.simple({ payload: payloadOf(), ...asked }, caller, signal),
        (signal) => guidance.analyze('rules', stream, asked, caller, signal),
        (signal) => guidance.models(signal),
      ];
      const reason = new Error('the trader closed the window');
      for (const call of calls) {
        const [before, during] = [new AbortController(), new AbortController()];
        before.abort(reason);
        await expect(call(before.signal)).rejects.toBe(reason);
        const work = call(during.signal);
        during.abort(reason);
        await expect(work).rejects.toBe(reason);
        await call(never);
      }
    },
  ],
  [
    'reads the newest entries of a stream, either way round, and those before one of them',
    async ({ desk: { market }, streams }, tools) => {
      const stream = `v2:ticks:${tools.name('EURUSD')}`;
      const ids = await streams.append(
        [1, 2, 3].map((i) => ({ stream, fields: { j: `{"price":1.08${i}}`, text: 'ä 📈' } })),
      );
      const read = async (count: number, reverse: boolean, before: string | null) =>
        (await market.entries(stream, count, reverse, before)).entries.map(({ id }) => id);
      expect(await read(2, false, null)).toEqual([ids[2], ids[1]]);
      expect(await read(2, true, null)).toEqual([ids[1], ids[2]]);
      expect(await read(5, false, ids[1]!)).toEqual([ids[0]]);
      const page = await market.entries(stream, 1, false, null);
      expect(page).toStrictEqual({ stream, entries: [{ id: ids[2], fields: { j: '{"price":1.083}', text: 'ä 📈' } }] });
      expect(streamEntries.parse(page)).toEqual(page);
      expect(await market.entries(tools.name('nothing'), 5, false, null)).toMatchObject({ entries: [] });
      for (const before of ['', 'made-up', '-1', `${ids[0]}-0`, '*'])
        await expect(market.entries(stream, 5, false, before), before).rejects.toMatchObject(code('request.argument'));
    },
  ],
  [
    'reads the newest bars of a symbol, oldest first',
    async ({ desk: { market }, streams }, tools) => {
      const symbol = symbolOf(tools);
      await writeBars(streams, symbol, 4);
      const read = await market.bars(symbol, 2);
      expect(read).toMatchObject({ symbol, tf: '1m', source: 'redis' });
      expect(read.bars.map(({ ts }) => ts)).toEqual([START + 120, START + 180]);
      expect(read.bars[1]).toStrictEqual({ ts: START + 180, o: 1.08, h: 1.0812, l: 1.0799, c: 1.0803, v: 6.5, n: 6 });
      expect(servedBars.parse(read)).toEqual(read);
      expectPlain(read);
    },
  ],
  [
    'knows no bars and no analysis of a symbol that the tape does not have, or that is none',
    async ({ desk: { market } }) => {
      for (const symbol of ['NOPE', '', '.', '..', 'EUR/USD', 'EUR USD', 'a\0b', '\ud83d', 'x'.repeat(101)]) {
        await expect(market.bars(symbol, 1), symbol).rejects.toMatchObject(code('symbol.unknown'));
        await expect(market.analysis(symbol, '1m'), symbol).rejects.toMatchObject(code('analysis.none'));
      }
    },
  ],
  [
    'reads the newest analysis of a symbol and timeframe, with fields that came later',
    async ({ desk: { market }, database }, tools) => {
      const symbol = symbolOf(tools);
      const analyses = await openAnalyses(database);
      const payload = analysisOf(symbol, '5m');
      await database.transaction((query) =>
        analyses.insert(query, [{ symbol, timeframe: '5m', start: START * 1_000, settled: true, payload }]),
      );
      expect(await market.analysis(symbol, '5m')).toStrictEqual(payload);
      await expect(market.analysis(symbol, '4h')).rejects.toMatchObject(code('analysis.none'));
    },
  ],
  [
    'tells parity: gate, source and sessions, of one symbol or of all',
    async ({ desk: { market }, database }, tools) => {
      const symbol = symbolOf(tools);
      await recordSessionsIn(database, { symbol, sessions: 2 });
      const one = await market.parity(symbol);
      expect(one).toMatchObject({ gate: {}, barSource: { source: 'redis' } });
      expect((one.sessions as { symbol: string }[]).map((session) => session.symbol)).toEqual([symbol, symbol]);
      expectPlain(one);
      const all = await market.parity(null);
      expect(all.sessions).toEqual(expect.arrayContaining(one.sessions as unknown[]));
      for (const none of ['', 'EUR/USD', 'x'.repeat(101)])
        await expect(market.parity(none), none).rejects.toMatchObject(code('symbol.unknown'));
    },
  ],
]);
