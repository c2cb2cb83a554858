import { expect, test } from 'vitest';
import { steppingClock } from '../../../test/support/stepping-clock.ts';
import { payloadHash } from '../../domain/tape/tape-alignment.ts';
import type { Entry, EntryStream } from '../../ports/entry-stream.ts';
import { backFill } from './back-fill.ts';
import type { GapEdges, HeadAfter } from './gap-edges.ts';

const TEN = Date.UTC(2014, 4, 1, 10);
const options = { prefix: 'v2', marginMs: 30_000, lagMs: 60_000, settleMs: 300 };

interface Published {
  readonly symbol?: string;
  /** Seconds after ten o'clock. */
  readonly at: number;
  readonly text: string;
}

/** A stream that holds what was published. */
function stream(published: readonly Published[]): EntryStream {
  const entries = published.map(
    ({ symbol = 'EURUSD', at, text }, i): Entry => ({
      stream: 'v2:ticks:l1',
      id: `${TEN + at * 1_000}-${i}`,
      fields: { symbol: Buffer.from(symbol), j: Buffer.from(text) },
    }),
  );
  const ms = (id: string): number => Number(id.replace('(', '').split('-')[0]);
  const rank = (id: string): number => entries.findIndex((entry) => entry.id === id.slice(1));
  return {
    newest: async (name: string, count: number) => (name === 'v2:ticks:l1' ? entries.toReversed().slice(0, count) : []),
    async range(_name: string, from: string, to: string, count: number) {
      const last = from.startsWith('(') ? rank(from) : -1;
      const after = from === '-' || from.startsWith('(') ? Number.NEGATIVE_INFINITY : ms(from);
      const before = to.startsWith('(') ? ms(to) : Number.POSITIVE_INFINITY;
      return entries.filter(({ id }, i) => i > last && ms(id) >= after && ms(id) < before).slice(0, count);
    },
  } as Partial<EntryStream> as EntryStream;
}

const hashes = (texts: readonly string[]): number[] => texts.map((text) => payloadHash(Buffer.from(text)));
const names = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `t${from + i}`);

interface Around {
  readonly before?: readonly string[];
  readonly since?: readonly string[];
  readonly from?: number;
  /** Of the last before the gap; at `from` where it is absent. */
  readonly receivedAt?: number;
  readonly to?: number;
  readonly until?: number;
  /** Received after the next gap. */
  readonly sinceNext?: readonly string[];
  readonly sinceAt?: number;
  readonly now?: number;
  /** The server tells through when everything was received; else nobody waits for that. */
  readonly waits?: boolean;
  /** Received once the clock stands there, while the stream is asked. */
  readonly comes?: { readonly at: number; readonly text: string };
  /** Entries stand in the stream only from their time on, by the clock. */
  readonly grows?: boolean;
  readonly marginMs?: number;
  readonly refused?: (text: string, nth: number, knownUntil: number) => 'yes' | 'no' | 'perhaps';
  /** When the first of those was received (epoch milliseconds). */
  readonly firstRefused?: number;
}

/** What is filled into a gap of EURUSD, and whether it is whole then. */
async function filled(published: readonly Published[], around: Around): Promise<{ texts: string[]; whole: boolean }> {
  const { before = [], since = [], from = 100, to = 110, sinceAt = to, now = to + 1 } = around;
  const edges: GapEdges = {
    from: TEN + from * 1_000,
    asked: TEN + to * 1_000,
    begin: null,
    until: around.until === undefined ? null : TEN + around.until * 1_000,
    receivedNext: () => hashes(around.sinceNext ?? []),
    tails: new Map(
      before.length === 0
        ? []
        : [['EURUSD', { hashes: hashes(before), receivedAt: TEN + (around.receivedAt ?? from) * 1_000 }]],
    ),
    heads: new Map(
      since.length === 0 ? [] : [['EURUSD', { hashes: hashes(since), receivedAt: TEN + sinceAt * 1_000 }]],
    ),
  };
  const texts: string[] = [];
  const clock = steppingClock(TEN + now * 1_000);
  const stands = ({ at }: Published): boolean => !around.grows || TEN + at * 1_000 <= clock.now();
  const streams: Pick<EntryStream, 'newest' | 'range'> = {
    newest(...asked) {
      const { comes } = around;
      if (comes !== undefined && clock.now() >= TEN + comes.at * 1_000)
        (edges.heads as Map<string, HeadAfter>).set('EURUSD', {
          hashes: hashes([comes.text]),
          receivedAt: clock.now(),
        });
      return stream(published.filter(stands)).newest(...asked);
    },
    range: (...asked) => stream(published.filter(stands)).range(...asked),
  };
  const { whole, lacking } = await backFill(
    {
      streams: streams as EntryStream,
      clock,
      give: async (ticks) => void texts.push(...ticks.map(({ payload }) => payload.toString())),
      async receivedThrough(moment) {
        if (around.waits) clock.advance(Math.max(0, moment - clock.now()));
      },
      refused: {
        first: () => around.firstRefused ?? null,
        had: (_symbol, hash, _ms, nth, all) =>
          around.refused?.(published.find(({ text }) => hashes([text])[0] === hash)!.text, nth, all) ?? 'no',
      },
      signal: new AbortController().signal,
    },
    edges,
    { ...options, marginMs: around.marginMs ?? options.marginMs },
  );
  expect(whole.has('EURUSD') && lacking.has('EURUSD')).toBe(false);
  return { texts, whole: whole.has('EURUSD') };
}

/** A tick a second: t60 at 10:01:00 and so on. */
const everySecond = (from: number, to: number): Published[] =>
  names(from, to).map((text, i) => ({ at: from + i, text }));

test('what lies between the last before the gap and the first since is filled in', async () => {
  const around = { before: names(60, 100), since: names(111, 115) };
  expect(await filled(everySecond(1, 115), around)).toEqual({ texts: names(101, 110), whole: true });
});

test('a gap that is filled long after it closed takes nothing of what was received since', async () => {
  const around = { before: names(60, 100), since: names(111, 400), now: 5_000 };
  expect(await filled(everySecond(1, 4_999), around)).toEqual({ texts: names(101, 110), whole: true });
});

test.each`
  what                                          | ticks                        | before        | since
  ${'before the gap, a run without an end'}     | ${['7', '7', '7', '7', 'b']} | ${['7', '7']} | ${['b']}
  ${'after the gap, a run without a beginning'} | ${['a', '7', '7', '7', '7']} | ${['a']}      | ${['7', '7']}
`('where equal payloads lie $what, nothing is guessed: the gap stays open', async ({ ticks, before, since }) => {
  const early = { at: 1, text: 'long before' };
  const published = [early, ...(ticks as string[]).map((text) => ({ at: 101, text }))];
  expect(await filled(published, { before, since })).toEqual({ texts: [], whole: false });
});

test('equal payloads that are told apart by the ones beside them are filled in as they are', async () => {
  const texts = ['a', '7', '7', 'b', '7', '7', '7', 'c'];
  const published = [{ at: 1, text: 'long before' }, ...texts.map((text) => ({ at: 101, text }))];
  const around = { before: ['a', '7', '7'], since: ['7', 'c'] };
  expect(await filled(published, around)).toEqual({ texts: ['b', '7', '7'], whole: true });
});

test('what was received only after the end of the stream was asked for stands behind that end', async () => {
  const around = { before: names(60, 100), since: ['later'], now: 111, sinceAt: 112 };
  expect(await filled(everySecond(1, 110), around)).toEqual({ texts: names(101, 110), whole: true });
});

test('what was received before that, and is not in the stream, leaves the gap open', async () => {
  const around = { before: names(60, 100), since: ['elsewhere'], now: 120, sinceAt: 110 };
  expect(await filled(everySecond(1, 110), around)).toEqual({ texts: [], whole: false });
});

test('a payload that is published again after the gap is not taken for the one that was missed in it', async () => {
  const published = [
    ...everySecond(1, 100),
    { at: 105, text: 'same' },
    { at: 112, text: 'same' },
    { at: 113, text: 't113' },
  ];
  expect(await filled(published, { before: names(60, 100), since: ['same', 't113'], sinceAt: 112, now: 111 })).toEqual({
    texts: ['same'],
    whole: true,
  });
});

test.each`
  what                                                       | waits    | texts
  ${'after everything was waited for: the other is missing'} | ${true}  | ${['101', 'same']}
  ${'where nobody can wait: nothing is guessed'}             | ${false} | ${[]}
`('a payload that comes only now is not taken for an equal one that the stream had before: $what', async (row) => {
  const { waits, texts } = row as { waits: boolean; texts: string[] };
  const published = [...everySecond(1, 100), { at: 101, text: '101' }, { at: 109, text: 'same' }];
  const around = { before: names(60, 100), waits, comes: { at: 111, text: 'same' }, now: waits ? 109 : 111 };
  const found = await filled(published, { ...around, to: 110 });
  expect(found).toEqual({ texts, whole: waits });
});

test.each`
  what                                     | last      | found
  ${'what differs is known by it'}         | ${'last'} | ${{ texts: ['same'], whole: true }}
  ${'of equal ones either may be the one'} | ${'same'} | ${{ texts: [], whole: false }}
`('a publisher that writes the stream after the message has the last one there a little later: $what', async (row) => {
  const { last, found } = row as { last: string; found: object };
  const published = [...everySecond(1, 100), { at: 109, text: 'same' }, { at: 110.5, text: last }];
  const around = { before: names(60, 100), since: [last], sinceAt: 110.3, to: 110, now: 110.1, grows: true };
  expect(await filled(published, around)).toEqual(found);
});

test('ticks that were received long after the moment through which all is proven are found again', async () => {
  const around = { before: names(4_000, 4_060), receivedAt: 4_060, since: names(4_071, 4_080), from: 100, to: 4_070 };
  const { texts, whole } = await filled(everySecond(1, 4_999), { ...around, now: 5_000 });
  expect({ texts, whole }).toEqual({ texts: names(4_061, 4_070), whole: true });
});

test.each`
  what                                        | sinceNext          | last
  ${'what was received after the next gap'}   | ${names(118, 150)} | ${117}
  ${'what was published when that had begun'} | ${[]}              | ${119}
`('without a tick since, $what is left to the next gap', async ({ sinceNext, last }) => {
  const around = { before: names(60, 100), until: 120, sinceNext, now: 200 };
  const { texts, whole } = await filled(everySecond(1, 150), around);
  expect(whole).toBe(true);
  expect(texts).toEqual(names(101, last));
});

test('a stream that was cut off within the gap does not make a symbol whole of which nothing was known', async () => {
  expect(await filled(everySecond(104, 115), { since: names(111, 115) })).toMatchObject({ whole: false });
  expect(await filled([{ at: 1, text: 'old' }, ...everySecond(104, 115)], { since: names(111, 115) })).toEqual({
    texts: names(104, 110),
    whole: true,
  });
});

test.each`
  what                                                     | around                 | first | texts
  ${'published after it was received'}                     | ${{ receivedAt: 99 }}  | ${99} | ${[]}
  ${'in a stream that reaches back to before it'}          | ${{ receivedAt: 101 }} | ${1}  | ${['7', 'b']}
  ${'published before it was received, though it repeats'} | ${{ receivedAt: 103 }} | ${99} | ${[]}
`('an equal payload that may have been cut off with the last one received is no proof of it: $what', async (row) => {
  const { around, first, texts } = row as { around: Around; first: number; texts: string[] };
  const published = [
    { at: first, symbol: 'GBPUSD', text: 'x' },
    { at: 100, text: '7' },
    { at: 105, text: '7' },
    { at: 106, text: 'b' },
    { at: 111, text: 'c' },
  ];
  const edges = { before: ['a', '7'], since: ['c'], from: 99, to: 110, ...around };
  const { texts: all, whole } = await filled(published, edges);
  expect({ texts: all.filter((text) => text !== 'x'), whole }).toEqual({ texts, whole: texts.length > 0 });
});

test.each`
  what                           | refused                                                                               | whole
  ${'as many as were set aside'} | ${(text: string) => (text === 'x' ? 'yes' : 'no')}                                    | ${true}
  ${'more than were set aside'}  | ${(text: string, nth: number) => (text !== 'x' ? 'no' : nth > 1 ? 'perhaps' : 'yes')} | ${false}
`('of equal entries $what, those are left out', async ({ refused, whole }) => {
  const published = ['a', 'x', 'b', 'x', 'c'].map((text, i) => ({ at: 99 + 2 * i, text }));
  const early = { at: 1, text: 'long before' };
  const around = { before: ['a'], since: ['c'], from: 100, to: 107, refused };
  expect(await filled([early, ...published], around)).toEqual({ texts: ['b'], whole });
});

test.each`
  what                                             | begin | earlier | whole
  ${'the only one in a stream that reaches back'}  | ${1}  | ${null} | ${true}
  ${'one, while another stands ahead of the gap'}  | ${1}  | ${50}   | ${false}
  ${'one, in a stream that may have lost another'} | ${60} | ${null} | ${false}
`(
  'an entry that may be a later one than was set aside is $what: the symbol is whole: $whole',
  async ({ begin, earlier, whole }) => {
    const published = [
      { at: begin, text: 'long before' },
      ...(earlier === null ? [] : [{ at: earlier, text: 'x' }]),
      { at: 99, text: 'a' },
      { at: 101, text: 'x' },
      { at: 103, text: 'b' },
      { at: 106, text: 'c' },
    ];
    // It was received just before it stood in the stream.
    const refused = (text: string, nth: number, knownUntil: number) =>
      text !== 'x' ? 'no' : nth === 1 && knownUntil > TEN + 101_000 ? 'yes' : ('perhaps' as const);
    const around = { before: ['a'], since: ['c'], from: 100, to: 105, refused, firstRefused: TEN + 100_999 };
    expect(await filled(published, around)).toEqual({ texts: ['b'], whole });
  },
);

test('a symbol that was received first after the end of the streams was asked for, and is not in them, lacks nothing', async () => {
  const others = everySecond(1, 120).map((tick) => ({ ...tick, symbol: 'GBPUSD' }));
  expect(await filled(others, { since: ['new'], sinceAt: 300 })).toMatchObject({ whole: true });
  expect(await filled(others, { since: ['new'], sinceAt: 110 })).toMatchObject({ whole: false });
});

// The subscriber's clock is 3.5 s ahead: the second one came after it had ended, 3 s before that by its own clock.
test('an equal payload that was published in the gap is not taken for the one before it, which stands further back than clocks may differ', async () => {
  const twice = { at: 93, text: 'equal' };
  const published = [...everySecond(80, 92), twice, { ...twice, at: 97 }, ...everySecond(98, 115)];
  const before = [...names(80, 92), 'equal'];
  const around = { before, receivedAt: 96.5, from: 100, since: names(111, 115), marginMs: 6_000 };
  expect(await filled(published, around)).toEqual({ texts: ['equal', ...names(98, 110)], whole: true });
});

test.each([
  { first: 1, whole: true },
  { first: 85, whole: false },
])('a symbol whose last tick before the gap stands right before what is read is whole where the stream begins at $first s', async ({
  first,
  whole,
}) => {
  const published = [
    { at: first, symbol: 'GBPUSD', text: 'other' },
    ...(first < 82 ? [{ at: 82, text: 'last' }] : []),
    { at: 105, text: 'missed' },
    { at: 111, text: 'next' },
  ];
  const around = { before: ['first', 'last'], receivedAt: 82, from: 100, since: ['next'], marginMs: 6_000 };
  expect(await filled(published, around)).toMatchObject({ whole });
});

test.each([
  { late: 0.015, whole: true },
  { late: 1, whole: false },
])('a lone payload that stands in a young stream $late s after it was received is the one that was: $whole', async ({
  late,
  whole,
}) => {
  const published = [
    { at: 98, symbol: 'GBPUSD', text: 'x' },
    { at: 99 + late, text: 'a' },
    { at: 106, text: 'b' },
    { at: 111, text: 'c' },
  ];
  expect((await filled(published, { before: ['a'], receivedAt: 99, since: ['c'], from: 105 })).whole).toBe(whole);
});
