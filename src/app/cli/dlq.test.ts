import { afterEach, beforeEach, expect, test } from 'vitest';
import { Shell } from '../../../test/support/command-line.ts';
import { readPartition } from '../../../test/support/read-partition.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { lmdbEntryStream } from '../../adapters/entry-stream/lmdb.ts';
import { lmdbRecordLog } from '../../adapters/record-log/lmdb.ts';
import { NOTICE, REJECTED_STREAM, REJECTED_TOPIC, rejectedHeaders } from '../../domain/tape/rejected.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { makeDataDir } from '../host/data-dir.ts';

let shell: Shell;
beforeEach(async () => {
  shell = await Shell.open();
  await makeDataDir(shell.dataDir);
});
afterEach(() => shell.close());

async function withLog<T>(work: (log: RecordLog) => Promise<T>): Promise<T> {
  const log = lmdbRecordLog({ path: `${shell.dataDir}/log`, clock: systemClock() });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

async function withStreams<T>(work: (streams: EntryStream) => Promise<T>): Promise<T> {
  const streams = lmdbEntryStream({ path: `${shell.dataDir}/streams`, clock: systemClock() });
  try {
    return await work(streams);
  } finally {
    await streams.close();
  }
}

const BINARY = Buffer.from([0xff, 0x00, 0x01]);

const rejectedTick = (payload: Buffer, source: string) => ({
  payload,
  headers: {
    ...rejectedHeaders({
      reason: 'tick.not-json',
      message: 'the payload is not JSON',
      source,
      service: 'bars',
      symbol: 'EURUSD',
      ts: null,
      payload,
    }),
  },
});

/** Three rejected ticks (one without a place to go back to), and a dead letter of another topic. */
async function fill(): Promise<void> {
  const ticks = [
    rejectedTick(Buffer.from('EURUSD 1.1'), 'ticks.EURUSD/0@7'),
    rejectedTick(BINARY, 'ticks.EURUSD/0@9'),
    rejectedTick(Buffer.from('{'), 'ticks.EUR/USD'),
  ];
  await withLog((log) =>
    log.append([
      ...ticks.map(({ payload, headers }) => ({
        topic: REJECTED_TOPIC,
        key: 'EURUSD',
        value: payload,
        headers: new Map([...Object.entries(headers), ['seq', '4'], ['epoch', '3'], ['desk', 'fx']]),
      })),
      {
        topic: 'bars.EURUSD.1m.dlq',
        key: '60',
        value: Buffer.from('[]'),
        headers: new Map([['reason', 'bar.not-json']]),
      },
    ]),
  );
  await withStreams((streams) =>
    streams.append([
      {
        stream: 'v2:ticks:l1:dlq',
        fields: { j: '{"ts":1}', 'own:source': 'binance', reason: 'tick.price.missing', message: 'no price' },
      },
      { stream: REJECTED_STREAM, fields: { j: 'x', ...rejectedTick(Buffer.from('x'), 'ticks.EURUSD').headers } },
    ]),
  );
}

const plain = ({ key, value, headers }: LogRecord) => ({
  key,
  value,
  headers: Object.fromEntries([...headers].map(([name, bytes]) => [name, bytes.toString()])),
});
const recordsOf = (topic: string) => withLog(async (log) => (await readPartition(log, topic, 0, 0, 100)).map(plain));

test('list names every place, with what lies there', async () => {
  await fill();
  const { code, out } = await shell.run(['dlq', '--json']);
  expect(code).toBe(0);
  expect(
    JSON.parse(out).map(({ place, kind, letters, reason }: Record<string, unknown>) => [place, kind, letters, reason]),
  ).toEqual([
    ['bars.EURUSD.1m.dlq', 'topic', 1, 'bar.not-json'],
    ['ticks.rejected', 'topic', 3, 'tick.not-json'],
    ['v2:ticks:l1:dlq', 'stream', 1, 'tick.price.missing'],
    ['stream:ticks:rejected', 'stream', 1, 'tick.not-json'],
  ]);
  expect((await shell.run(['dlq', 'list'])).out).toMatch(/^ticks\.rejected +topic +3 {2}20\S+ +tick\.not-json$/m);
});

test('show gives reason, place and the original bytes', async () => {
  await fill();
  const lines = (await shell.run(['dlq', 'show', REJECTED_TOPIC, '--limit', '2', '--json'])).out.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { id: '0@1', source: 'ticks.EURUSD/0@9', payloadBase64: BINARY.toString('base64') },
    { id: '0@2', reason: 'tick.not-json', message: 'the payload is not JSON', payload: '{' },
  ]);
  const { out } = await shell.run(['dlq', 'show', REJECTED_TOPIC, '0@0']);
  expect(out).toMatch(
    /^0@0 {2}20\S+ {2}tick\.not-json {2}from ticks\.EURUSD\/0@7\n {4}the payload is not JSON\n {4}EURUSD 1\.1\n$/,
  );
});

test('replay sends the original bytes back once, and names what has no place to go', async () => {
  await fill();
  expect((await shell.run(['dlq', 'replay', REJECTED_TOPIC, '--limit', '1'])).out).toBe(
    '1 replayed from ticks.rejected.\n',
  );
  expect(await recordsOf('ticks.EURUSD')).toEqual([
    {
      key: 'EURUSD',
      value: Buffer.from('EURUSD 1.1'),
      headers: { symbol: 'EURUSD', desk: 'fx', 'replayed-from': 'ticks.rejected/0@0' },
    },
  ]);
  expect((await shell.run(['dlq', 'replay', REJECTED_TOPIC])).out).toBe(
    '1 replayed from ticks.rejected.\n1 do not say where they came from: 0@2; replay each with --to-place.\n',
  );
  expect((await shell.run(['dlq', 'replay', REJECTED_TOPIC, '--json'])).out).toBe(
    '{"place":"ticks.rejected","replayed":0,"stuck":[]}\n',
  );
  expect((await recordsOf('ticks.EURUSD')).map(({ value }) => value)).toEqual([Buffer.from('EURUSD 1.1'), BINARY]);
  expect((await shell.run(['dlq', 'replay', REJECTED_TOPIC, '0@2', '--to-place', 'ticks.EURUSD'])).code).toBe(0);
  expect((await recordsOf('ticks.EURUSD')).at(-1)!.value).toEqual(Buffer.from('{'));
});

test('what two mirrors refused around a take-over goes back once', async () => {
  const refused = (payload: string, epoch: number, follows: number | null = null) => ({
    topic: REJECTED_TOPIC,
    key: 'EURUSD',
    value: Buffer.from(payload),
    headers: new Map(
      Object.entries({
        ...rejectedTick(Buffer.from(payload), 'ticks.EURUSD').headers,
        service: 'mirror',
        epoch: String(epoch),
        ...(follows !== null && { follows: `{"0":${follows}}` }),
      }),
    ),
  });
  await withStreams(async () => undefined);
  // The second holder knew the first one's first, wrote the second again, and the first one woke up late with the third.
  await withLog((log) =>
    log.append([
      refused('1', 7),
      refused('2', 7),
      refused('2', 9, 1),
      refused('3', 7),
      refused('3', 9),
      refused('4', 9),
    ]),
  );
  // However many a time: what went before is known.
  for (const limit of [2, 1, 1]) await shell.run(['dlq', 'replay', REJECTED_TOPIC, '--limit', String(limit)]);
  expect(await shell.run(['dlq', 'replay', REJECTED_TOPIC])).toEqual({
    code: 0,
    err: '',
    out: '0 replayed from ticks.rejected.\n',
  });
  const back = await withLog((log) => readPartition(log, 'ticks.EURUSD', 0, 0, 100));
  expect(back.map(({ value }) => value?.toString())).toEqual(['1', '2', '3', '4']);
});

test('a letter of <topic>.dlq goes back to <topic>', async () => {
  await fill();
  await shell.run(['dlq', 'replay', 'bars.EURUSD.1m.dlq']);
  expect((await recordsOf('bars.EURUSD.1m')).map(({ key, value }) => [key, value])).toEqual([
    ['60', Buffer.from('[]')],
  ]);
});

test('a letter that only tells of a message goes back to no topic, unless one is named', async () => {
  await fill();
  await withLog((log) =>
    log.append([
      {
        topic: 'mcp2.enriched_trades.dlq',
        key: '1',
        value: Buffer.from('{"bytes":2000000}'),
        headers: new Map([
          ['reason', 'log.record.too-large'],
          [NOTICE, 'the payload is in the store'],
        ]),
      },
    ]),
  );
  expect((await shell.run(['dlq', 'replay', 'mcp2.enriched_trades.dlq'])).out).toBe(
    '0 replayed from mcp2.enriched_trades.dlq.\n1 do not say where they came from: 0@0; replay each with --to-place.\n',
  );
  expect(await recordsOf('mcp2.enriched_trades')).toEqual([]);
});

test('a letter of <stream>:dlq goes back to <stream> with its own fields, without what it got there', async () => {
  await fill();
  for (const replayed of [1, 0])
    expect((await shell.run(['dlq', 'replay', 'v2:ticks:l1:dlq'])).out).toBe(
      `${replayed} replayed from v2:ticks:l1:dlq.\n`,
    );
  const entries = await withStreams((streams) => streams.range('v2:ticks:l1', '-', '+', 10));
  expect(entries.map(({ fields }) => fields)).toEqual([{ j: Buffer.from('{"ts":1}'), source: Buffer.from('binance') }]);
});

test('a rejected tick of the incumbent is published on its channel again', async () => {
  await fill();
  expect((await shell.run(['dlq', 'replay', REJECTED_STREAM])).out).toBe('1 replayed from stream:ticks:rejected.\n');
});

test.each([
  [
    ['dlq', 'show', 'ticks.rejectd'],
    'pulse: there is no dead-letter place "ticks.rejectd"; did you mean ticks.rejected?; `pulse dlq list` names those that exist\n',
  ],
  [
    ['dlq', 'show', REJECTED_TOPIC, '0@99'],
    'pulse: ticks.rejected has no dead letter "0@99"; `pulse dlq show ticks.rejected` names those it has\n',
  ],
  [
    ['dlq', 'replay', REJECTED_TOPIC, 'seven'],
    'pulse: ticks.rejected has no dead letter "seven"; `pulse dlq show ticks.rejected` names those it has\n',
  ],
  [
    ['dlq', 'replay', REJECTED_TOPIC, '0@2'],
    'pulse: the dead letter 0@2 of ticks.rejected came from "ticks.EUR/USD", which is no place to write to; name one with --to-place\n',
  ],
])('%j is one clear line', async (line, complaint) => {
  await fill();
  expect(await shell.run(line)).toEqual({ code: 64, out: '', err: complaint });
});

test('no dead letters are no error', async () => {
  await withLog((log) => log.createTopics([{ topic: 'ticks.EURUSD' }]));
  await withStreams((streams) => streams.ping());
  expect(await shell.run(['dlq'])).toEqual({ code: 0, out: 'There are no dead letters.\n', err: '' });
});
