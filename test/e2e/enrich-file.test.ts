import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { defaultIndicators } from '../../src/domain/analysis/indicator-options.ts';
import { unifiedAnalysis } from '../../src/domain/analysis/unified-analysis.ts';
import type { Row } from '../../src/ports/row-file.ts';
import { enrichedTable } from '../../src/services/enrich-file/enriched-columns.ts';
import { Shell } from '../support/command-line.ts';
import { describeWith } from '../support/needs.ts';
import { type RowReader, readCsv, readNdjson, readParquet } from '../support/row-readers.ts';
import { tickSet } from '../support/tick-sets.ts';

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
const { columns } = enrichedTable(defaultIndicators);
const clock = systemClock();

async function shellWith(files: Readonly<Record<string, string | Buffer>> = {}): Promise<Shell> {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  for (const [name, content] of Object.entries(files)) await writeFile(join(shell.folder, name), content);
  return shell;
}

/** A made-up tape of quotes, one each 300 ms. */
const tape = (count: number): string =>
  Array.from({ length: count }, (_, i) => {
    const bid = (1.1 + Math.sin(i / 500) / 100).toFixed(5);
    return `{"symbol":"EURUSD","ts":${1_704_790_800_000 + i * 300},"bid":${bid},"ask":${(Number(bid) + 0.0001).toFixed(5)}}\n`;
  }).join('');

await describeWith('over recorded ticks', { ticks: true }, () => {
  test.each([
    'USDJPY.truefx.2013-01-01',
    'BTCUSDT-PERP.tardis.2020-02-22',
  ])('%s comes out the same in every form, row by row', async (name) => {
    const shell = await shellWith();
    const { ticks } = tickSet(name);
    const to = async (form: string, read: RowReader): Promise<Row[]> => {
      const out = join(shell.folder, `out.${form}`);
      expect(await shell.run(['enrich-file', ticks, '--out', out])).toMatchObject({ code: 0, out: '' });
      return read(out, columns);
    };
    const rows = await to('ndjson', readNdjson);
    expect(rows.length).toBe(
      gunzipSync(await readFile(ticks))
        .toString()
        .trimEnd()
        .split('\n').length,
    );
    // The chart of an hour and more reads something in every column that quotes, or trades, can fill.
    expect(rows.at(-1)!.filter((cell) => cell !== null).length).toBeGreaterThan(25);
    expect(await to('csv', readCsv)).toEqual(rows);
    expect(await to('parquet', readParquet)).toEqual(rows);
    // What is written as text are ticks again, and nothing of them was lost.
    const again = join(shell.folder, 'again.ndjson');
    for (const form of ['ndjson', 'csv']) {
      await shell.run(['enrich-file', join(shell.folder, `out.${form}`), '--out', again]);
      expect(await readNdjson(again, columns)).toEqual(rows);
    }
  });

  test('without --out the rows come on standard output, and all else on standard error', async () => {
    const shell = await shellWith();
    const { ticks } = tickSet('USDJPY.truefx.2013-01-01');
    const out = join(shell.folder, 'out.ndjson.gz');
    await shell.run(['enrich-file', ticks, '--out', out]);
    const ran = await shell.run(['enrich-file', ticks]);
    expect(ran.code).toBe(0);
    expect(ran.out).toBe(gunzipSync(await readFile(out)).toString());
    expect(ran.err).toMatch(/^\d+ ticks in .* ticks\/s, \d+ MB at most\n\d+ enriched ticks to standard output\n$/);
  });

  test('analyses are written beside the rows, valid, with the last bars marked as not settled', async () => {
    const shell = await shellWith();
    const { ticks, bars } = tickSet('USDJPY.truefx.2013-01-01');
    const path = join(shell.folder, 'analyses.ndjson');
    const words = ['enrich-file', ticks, '--out', join(shell.folder, 'out.csv'), '--analyses', path];
    const { code, err } = await shell.run([...words, '--analysis-timeframes', '1m,5m']);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect([code, err]).toEqual([0, expect.stringContaining(`${lines.length} analyses to ${path}\n`)]);
    const found = lines.map((line) => unifiedAnalysis.parse(JSON.parse(line)));
    const minutes = found.filter(({ timeframe }) => timeframe === '1m');
    expect(minutes.length).toBe(
      gunzipSync(await readFile(bars))
        .toString()
        .trimEnd()
        .split('\n').length,
    );
    expect(found.filter(({ extras }) => extras.settled !== true).map(({ timeframe }) => timeframe)).toEqual([
      '1m',
      '5m',
    ]);
  });
});

test('lines that cannot be used are counted and named, and the rest is written', async () => {
  const good = tape(20).trimEnd().split('\n');
  const lines = [...good.slice(0, 10), 'not json', '{"symbol":"EURUSD","ts":1704790800}', ...good.slice(10)];
  lines.push('{"symbol":"EURUSD","ts":1704790800,"price":-1}', '{"symbol":"E/U","ts":1704790800,"price":1}');
  const shell = await shellWith({ 'ticks.ndjson': lines.join('\n') });
  const out = join(shell.folder, 'out.csv');
  const { code, err } = await shell.run(['enrich-file', join(shell.folder, 'ticks.ndjson'), '--out', out]);
  expect(code).toBe(0);
  expect(err).toContain('\n20 enriched ticks to ');
  const left = '1 × tick.not-object, 1 × tick.symbol.illegal, 1 × tick.price.missing, 1 × tick.price.non-positive';
  expect(err).toContain(`\nleft out: ${left}; the first:\n`);
  expect(err).toMatch(/\n {2}ticks\.ndjson:11: .*\n {2}ticks\.ndjson:24: .*\n {2}tick 11: .*\n {2}tick 22: .*\n$/);
  expect((await readCsv(out, columns)).map(([entry]) => entry)).toEqual([
    ...Array.from({ length: 10 }, (_, i) => i + 1),
    ...Array.from({ length: 10 }, (_, i) => i + 12),
  ]);
});

test.each`
  words                                          | code  | says
  ${'ticks.ndjson --out out.xlsx'}               | ${64} | ${'out.xlsx" ends in none of .ndjson .ndjson.gz .csv .csv.gz .parquet'}
  ${'ticks.ndjson --out out.parquet.gz'}         | ${64} | ${'out.parquet.gz" ends in none of'}
  ${'ticks.ndjson --out o.csv --analyses a.txt'} | ${64} | ${'a.txt" ends in none of'}
  ${'ticks.ndjson --out none/out.csv'}           | ${73} | ${'none/out.csv: its folder does not exist'}
  ${'ticks.ndjson --out folder.csv'}             | ${73} | ${'folder.csv: it is a directory'}
  ${'ticks.ndjson --out ticks.ndjson'}           | ${64} | ${'--out: it is the file that is read'}
  ${'ticks.ndjson --out link.csv'}               | ${64} | ${'--out: it is the file that is read'}
  ${'ticks.ndjson --analyses link.csv'}          | ${64} | ${'--analyses: it is the file that is read'}
  ${'ticks.ndjson --out a.csv --analyses a.csv'} | ${64} | ${'they name one file'}
  ${'none.ndjson --out out.csv'}                 | ${66} | ${'none.ndjson: there is no such file'}
  ${'ticks.zip --out out.csv'}                   | ${65} | ${'is a zip archive'}
  ${'cut.ndjson.gz --out out.csv'}               | ${65} | ${'is damaged after line'}
`('pulse enrich-file $words says what is wrong, and writes nothing', async ({ words, code, says }) => {
  const shell = await shellWith({
    'ticks.ndjson': tape(20),
    'ticks.zip': Buffer.from('504b030400000000', 'hex'),
    'cut.ndjson.gz': gzipSync(tape(9_000)).subarray(0, -200),
  });
  await mkdir(join(shell.folder, 'folder.csv'));
  await symlink('ticks.ndjson', join(shell.folder, 'link.csv'));
  const before = await readdir(shell.folder);
  const paths = (words as string).split(' ').map((word) => (word.startsWith('--') ? word : join(shell.folder, word)));
  const ran = await shell.run(['enrich-file', ...paths]);
  expect([ran.code, ran.out]).toEqual([code, '']);
  expect(ran.err).toMatch(/^pulse: [^\n]+\n$/);
  expect(ran.err).toContain(says);
  expect(await readdir(shell.folder)).toEqual(before);
  expect(await readFile(join(shell.folder, 'ticks.ndjson'), 'utf8')).toBe(tape(20));
});

/** `pulse enrich-file ticks.ndjson --out out.<form>` in a process of its own, after `before`. */
function started(shell: Shell, form: string, before = ':') {
  const command = `${before}; exec "${process.execPath}" "${MAIN}" enrich-file ticks.ndjson --out out.${form}`;
  // Variables of the tests are none of Pulse's: it would refuse them.
  return spawn('sh', ['-c', command], {
    cwd: shell.folder,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

test.each(['ndjson', 'csv.gz', 'parquet'])('a disk that takes no more leaves no half of out.%s', async (form) => {
  const shell = await shellWith({ 'ticks.ndjson': tape(25_000), [`out.${form}`]: 'older' });
  const run = started(shell, form, 'ulimit -f 64');
  let err = '';
  run.stderr.on('data', (bytes) => (err += bytes));
  expect(await once(run, 'close')).toEqual([73, null]);
  expect(err).toContain(`cannot write out.${form}: `);
  expect((await readdir(shell.folder)).sort()).toEqual([`out.${form}`, 'ticks.ndjson']);
  expect(await readFile(join(shell.folder, `out.${form}`), 'utf8')).toBe('older');
});

test.each`
  signal       | ends                 | leaves
  ${'SIGTERM'} | ${[130, null]}       | ${[]}
  ${'SIGINT'}  | ${[130, null]}       | ${[]}
  ${'SIGKILL'} | ${[null, 'SIGKILL']} | ${[expect.stringMatching(/^out\.parquet\.\d+\.part$/)]}
`('$signal amid the ticks leaves no file that looks whole', async ({ signal, ends, leaves }) => {
  const shell = await shellWith({ 'ticks.ndjson': tape(150_000) });
  const run = started(shell, 'parquet');
  const over = once(run, 'close');
  while (!(await readdir(shell.folder)).some((name) => name.endsWith('.part'))) await clock.sleep(5);
  run.kill(signal);
  expect(await over).toEqual(ends);
  expect((await readdir(shell.folder)).filter((name) => name !== 'ticks.ndjson')).toEqual(leaves);
});

test('a file of which not one tick can be used ends with an exit code of its own', async () => {
  const lines = Array.from(
    { length: 3 },
    (_, i) => `{"symbol":"EURUSD","ts":${1_704_790_800_000 + i},"price":"none"}\n`,
  );
  const shell = await shellWith({ 'ticks.ndjson': lines.join('') });
  const ran = await shell.run([
    'enrich-file',
    join(shell.folder, 'ticks.ndjson'),
    '--out',
    join(shell.folder, 'out.csv'),
  ]);
  expect([ran.code, ran.err]).toEqual([65, expect.stringContaining('0 enriched ticks')]);
  expect(ran.err).toContain('left out: 3 ×');
});
