import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SourceTick } from '../../ports/tick-source.ts';
import { openTickFile, type TickFile } from './tick-file.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pulse-tick-file-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, content);
  return path;
}

async function readAll(file: TickFile, signal = new AbortController().signal): Promise<SourceTick[]> {
  const all: SourceTick[] = [];
  for await (const batch of file.batches(signal)) all.push(...batch);
  return all;
}

const shown = (ticks: readonly SourceTick[]): string[] => ticks.map(({ symbol, payload }) => `${symbol} ${payload}`);

const JSON_LINES = '{"symbol":"EURUSD","ts":1,"bid":1.1,"ask":1.2}\n{"symbol":"GBPUSD","ts":2,"bid":1.3,"ask":1.4}\n';
const CSV_LINES = 'symbol,ts,bid,ask\nEURUSD,1,1.1,1.2\nGBPUSD,2,1.3,1.4\n';
const BOTH = [
  'EURUSD {"symbol":"EURUSD","ts":1,"bid":1.1,"ask":1.2}',
  'GBPUSD {"symbol":"GBPUSD","ts":2,"bid":1.3,"ask":1.4}',
];

test.each`
  name          | content                                           | why
  ${'a.ndjson'} | ${JSON_LINES}                                     | ${'NDJSON'}
  ${'a.csv'}    | ${CSV_LINES}                                      | ${'CSV'}
  ${'b.txt'}    | ${gzipSync(JSON_LINES)}                           | ${'gzip is told by content, not by name'}
  ${'c.gz'}     | ${JSON_LINES}                                     | ${'and so is what is not'}
  ${'d.ndjson'} | ${gzipSync(CSV_LINES)}                            | ${'CSV in gzip'}
  ${'e.gz'} | ${Buffer.concat(JSON_LINES.trim()
    .split('\n')
    .map((line) => gzipSync(`${line}\n`)))} | ${'several gzip members, one after the other'}
  ${'f.ndjson'} | ${`\uFEFF${JSON_LINES.replaceAll('\n', '\r\n')}`} | ${'byte order mark and CRLF'}
  ${'g.csv'}    | ${`\uFEFF${CSV_LINES}`}                           | ${'a byte order mark before a header row'}
  ${'h.ndjson'} | ${`\n\n${JSON_LINES.trim()}`}                     | ${'blank lines first and no end at the last'}
`('reads $name: $why', async ({ name, content }) => {
  const file = await openTickFile(await fileOf(name, content));
  expect(shown(await readAll(file))).toEqual(BOTH);
  expect(file.counts.ticks).toBe(2);
  expect(file.share).toBe(1);
});

test.each`
  name                            | symbol       | routed
  ${'EURUSD.fxcm.2014-05.csv'}    | ${undefined} | ${'EURUSD'}
  ${'BTCUSDT-trades-2024-08.csv'} | ${undefined} | ${'BTCUSDT'}
  ${'BTCUSDT-PERP.x.csv'}         | ${undefined} | ${'BTCUSDT-PERP'}
  ${'BTC-USD.csv'}                | ${undefined} | ${'BTC-USD'}
  ${'EURUSD.csv'}                 | ${'MY.PAIR'} | ${'MY.PAIR'}
`('lines without a symbol take it from $symbol or the name $name', async ({ name, symbol, routed }) => {
  const [tick] = await readAll(await openTickFile(await fileOf(name, 'ts,price\n1,1.1\n'), { symbol }));
  expect(tick!.symbol).toBe(routed);
});

test('a bad first line does not make CSV of NDJSON, and is counted', async () => {
  const file = await openTickFile(await fileOf('i.ndjson', `# exported by x, y, z\n${JSON_LINES}`));
  expect(shown(await readAll(file))).toEqual(BOTH);
  expect(file.counts.examples).toMatchObject([{ reason: 'tick.not-object', place: 'i.ndjson:1' }]);
});

test.each`
  what                         | content         | says
  ${'an empty file'}           | ${''}           | ${'it is empty'}
  ${'an empty file in gzip'}   | ${gzipSync('')} | ${'it is empty'}
  ${'a header without a line'} | ${'ts,price\n'} | ${'it has no line after its header'}
`('$what is told as one without ticks', async ({ content, says }) => {
  const file = await openTickFile(await fileOf('EURUSD.ticks', content));
  await expect(readAll(file)).rejects.toMatchObject({
    code: 'feed.file.no-ticks',
    message: expect.stringContaining(says),
  });
});

test('a header that names no price is refused when the file is opened', async () => {
  await expect(openTickFile(await fileOf('EURUSD.csv', 'ts,colour\n1,2\n'))).rejects.toMatchObject({
    code: 'feed.file.columns',
  });
});

test.each`
  name              | content                                     | code
  ${'j.zip'}        | ${Buffer.from('504b030414000000', 'hex')}   | ${'feed.file.format'}
  ${'k.zst'}        | ${Buffer.from('28b52ffd0458', 'hex')}       | ${'feed.file.format'}
  ${'l.bin'}        | ${Buffer.from([1, 2, 0, 3])}                | ${'feed.file.format'}
  ${'m.json'}       | ${'[{"symbol":"EURUSD"}]'}                  | ${'feed.file.format'}
  ${'n.gz'}         | ${gzipSync(Buffer.from('504b0304', 'hex'))} | ${'feed.file.format'}
  ${'o.csv'}        | ${'1398920401.787,1.1,1.2\n'}               | ${'feed.file.columns'}
  ${'ticks.ndjson'} | ${'{"ts":1}\n{"ts":2}\n'}                   | ${'feed.file.no-ticks'}
`('refuses $name as $code, naming it', async ({ name, content, code }) => {
  const path = await fileOf(name, content);
  await expect(openTickFile(path).then(readAll)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(name),
  });
});

test.each`
  path         | reason
  ${'missing'} | ${'no such file'}
  ${''}        | ${'a directory'}
`('cannot read "$path": $reason', async ({ path, reason }) => {
  await expect(openTickFile(join(dir, path))).rejects.toMatchObject({
    code: 'feed.file.unreadable',
    message: expect.stringContaining(reason),
  });
});

test('a file that ends early gives what it has, and then says where it is damaged', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `{"symbol":"EURUSD","ts":${i},"price":${Math.sin(i)}}\n`).join(
    '',
  );
  const whole = gzipSync(lines);
  const file = await openTickFile(await fileOf('torn.gz', whole.subarray(0, whole.length / 2)));
  const got: string[] = [];
  const reading = (async () => {
    for await (const batch of file.batches(new AbortController().signal))
      got.push(...batch.map(({ payload }) => `${payload}\n`));
  })();
  await expect(reading).rejects.toMatchObject({ code: 'feed.file.damaged' });
  expect(got.length).toBeGreaterThan(1_000);
  expect(lines.startsWith(got.join(''))).toBe(true);
});

test('a damaged beginning is named, too', async () => {
  const damaged = Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('not gzip at all')]);
  await expect(openTickFile(await fileOf('p.gz', damaged)).then(readAll)).rejects.toMatchObject({
    code: 'feed.file.damaged',
  });
});

test('stops soon after its signal', async () => {
  const file = await openTickFile(await fileOf('long.ndjson', JSON_LINES.repeat(100_000)));
  const stop = new AbortController();
  let got = 0;
  for await (const batch of file.batches(stop.signal)) {
    got += batch.length;
    stop.abort();
  }
  expect(got).toBeGreaterThan(0);
  expect(got).toBeLessThan(100_000);
});

const TICKS = new URL('../../../../shared/ticks/', import.meta.url).pathname;

describe.skipIf(!existsSync(TICKS))(
  existsSync(TICKS) ? 'recorded tapes' : 'recorded tapes: skipped, because ../shared/ticks is missing',
  () => {
    test('every recorded tape comes out byte for byte', async () => {
      const names = (await readdir(TICKS)).filter((name) => name.endsWith('.ndjson.gz') && !name.includes('.bars.'));
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        const file = await openTickFile(join(TICKS, name));
        const parts: Buffer[] = [];
        for await (const batch of file.batches(new AbortController().signal))
          parts.push(...batch.flatMap(({ payload }) => [payload, Buffer.from('\n')]));
        expect(Buffer.concat(parts).equals(gunzipSync(readFileSync(join(TICKS, name)))), name).toBe(true);
        expect(file.counts.unroutable.size, name).toBe(0);
      }
    });
  },
);
