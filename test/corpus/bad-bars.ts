/** A start of a minute, in epoch seconds, of which no good bar is written. */
const TS = 1_357_000_020;
const GOOD = { symbol: 'USDJPY', tf: '1m', ts: TS, o: 86.5, h: 86.6, l: 86.4, c: 86.5, v: 3, n: 3, rev: 0 };
const WIRE = { ...GOOD, digest: '00000000000000aa', partial: false };
const wire = (change: Record<string, unknown>): string => JSON.stringify({ ...WIRE, ...change });

/** Records on `bars.USDJPY.1m` that are no bars of it, each with the reason it must be given. */
export const badTopicBars: readonly (readonly [reason: string, value: string | Buffer])[] = [
  ['bar.not-json', ''],
  ['bar.not-json', 'USDJPY 86.5'],
  ['bar.not-json', '{"symbol":"USDJPY","tf":"1m"'],
  ['bar.not-json', 'null'],
  ['bar.not-json', '86.5'],
  ['bar.not-json', Buffer.from([0x00, 0xff, 0x7b])],
  ['bar.not-json', wire({ o: 86.5 }).replace('86.5', 'NaN')],
  ['bar.field', '[]'],
  ['bar.field', '{}'],
  ['bar.field', wire({ symbol: 'EURUSD' })],
  ['bar.field', wire({ symbol: 7 })],
  ['bar.field', wire({ symbol: undefined })],
  ['bar.field', wire({ tf: '5m' })],
  ['bar.field', wire({ tf: '1 minute' })],
  ['bar.field', wire({ tf: undefined })],
  ['bar.field', wire({ ts: null })],
  ['bar.field', wire({ ts: String(TS) })],
  ['bar.field', wire({ ts: TS + 1 })],
  ['bar.field', wire({ ts: TS * 1_000 })],
  ['bar.field', wire({ ts: 0 })],
  ['bar.field', wire({ ts: -60 })],
  ['bar.field', wire({ ts: 1e300 })],
  ['bar.field', wire({ o: '86.5' })],
  ['bar.field', wire({ h: null })],
  ['bar.field', wire({ c: undefined })],
  ['bar.field', wire({ v: -1 })],
  ['bar.field', wire({ v: 'much' })],
  ['bar.field', wire({ v: undefined })],
  ['bar.field', wire({ n: 1.5 })],
  ['bar.field', wire({ n: -1 })],
  ['bar.field', wire({ rev: 'first' })],
  ['bar.field', wire({ digest: 'xyz' })],
  ['bar.field', wire({ digest: undefined })],
  ['bar.range', wire({ l: 86.55 })],
  ['bar.range', wire({ h: 86.45 })],
  ['bar.range', wire({ l: 86.6, h: 86.4 })],
];

type Fields = Readonly<Record<string, string>>;
const ENTRY: Fields = { ts: String(TS), open: '86.5', high: '86.6', low: '86.4', close: '86.5', volume: '3' };
const without = (name: string): Fields => Object.fromEntries(Object.entries(ENTRY).filter(([key]) => key !== name));

/** Entries of `stream:bar:1m:USDJPY` that are no bars. */
export const badStreamBars: readonly (readonly [reason: string, fields: Fields])[] = [
  ['bar.field', { j: '{"open":86.5}' }],
  ['bar.field', without('ts')],
  ['bar.field', without('open')],
  ['bar.field', without('close')],
  ['bar.field', { ...ENTRY, ts: '' }],
  ['bar.field', { ...ENTRY, ts: 'noon' }],
  ['bar.field', { ...ENTRY, ts: String(TS + 30) }],
  ['bar.field', { ...ENTRY, ts: `${TS}000` }],
  ['bar.field', { ...ENTRY, ts: '0' }],
  ['bar.field', { ...ENTRY, ts_on: 'close', ts: '0' }],
  ['bar.field', { ...ENTRY, open: '' }],
  ['bar.field', { ...ENTRY, open: '86,5' }],
  ['bar.field', { ...ENTRY, high: 'Infinity' }],
  ['bar.field', { ...ENTRY, low: 'NaN' }],
  ['bar.field', { ...ENTRY, volume: '-3' }],
  ['bar.field', { ...ENTRY, volume: '' }],
  ['bar.field', { ...ENTRY, volume: '3 lots' }],
  ['bar.field', { ...ENTRY, n: '' }],
  ['bar.field', { ...ENTRY, n: '2.5' }],
  ['bar.field', { ...ENTRY, n: '-1' }],
  ['bar.field', { ...ENTRY, rev: 'x' }],
  ['bar.field', { ...ENTRY, digest: '' }],
  ['bar.range', { ...ENTRY, low: '86.55' }],
  ['bar.range', { ...ENTRY, high: '86.45' }],
];

/** Items of the older form that are no bars. */
export const badOlderBars: readonly (readonly [reason: string, item: unknown])[] = [
  ['bar.field', null],
  ['bar.field', true],
  ['bar.field', 86.5],
  ['bar.field', 'bar'],
  ['bar.field', []],
  ['bar.field', {}],
  ['bar.field', [TS]],
  ['bar.field', [TS + 1, 86.5, 86.6, 86.4, 86.5, 3]],
  ['bar.field', [0, 86.5, 86.6, 86.4, 86.5, 3]],
  ['bar.field', ['noon', 86.5, 86.6, 86.4, 86.5, 3]],
  ['bar.field', [TS, null, 86.6, 86.4, 86.5, 3]],
  ['bar.field', [TS, 'n/a', 86.6, 86.4, 86.5, 3]],
  ['bar.field', [TS, 86.5, 86.6, 86.4, 86.5, -3]],
  ['bar.field', [TS, 86.5, 86.6, 86.4, 86.5, 'much']],
  ['bar.field', { ts: TS, o: 86.5, h: 86.6, l: 86.4 }],
  ['bar.field', { ts: TS, o: 86.5, h: 86.6, l: 86.4, c: 86.5, v: 3, n: 0.5 }],
  ['bar.field', { ts: TS, o: {}, h: 86.6, l: 86.4, c: 86.5, v: 3 }],
  ['bar.range', [TS, 86.5, 86.4, 86.6, 86.5, 3]],
  ['bar.range', { ts: TS, open: 86.7, high: 86.6, low: 86.4, close: 86.5, volume: 3 }],
];

/** Values of the older key that are no list at all. */
export const badOlderKeys: readonly string[] = ['', 'not JSON', '{"ts":1357000020}', 'null', '[[1357000020,'];
