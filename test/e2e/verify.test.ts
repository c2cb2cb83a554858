import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { type Ran, Shell } from '../support/command-line.ts';

async function verified(content: string | Buffer, ...flags: string[]): Promise<Ran> {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  const tape = join(shell.folder, 'EURUSD.ticks');
  await writeFile(tape, content);
  return shell.run(['verify', tape, ...flags]);
}

test.each`
  what                         | content
  ${'an empty file'}           | ${''}
  ${'an empty file in gzip'}   | ${gzipSync('')}
  ${'a header without a line'} | ${'ts,price\n'}
`('$what is no tape on which bars could differ', async ({ content }) => {
  const { code, out, err } = await verified(content);
  expect([code, out]).toEqual([65, '']);
  expect(err).toContain('holds no ticks');
});

test('ticks that both sides rejected are counted by reason', async () => {
  const tape = '{"ts":1,"price":1}\n{"ts":1400000000}\n{"ts":2,"price":1}\n';
  const { code, out } = await verified(tape);
  expect(code).toBe(2);
  expect(out).toContain('ticks rejected: 2 × tick.ts.absurd, 1 × tick.price.missing');
  expect(out).toContain('no bar came of it');
  const json = JSON.parse((await verified(tape, '--json')).out);
  const counts = { 'tick.ts.absurd': 2, 'tick.price.missing': 1 };
  expect(json.rejected).toEqual({ candidate: counts, incumbent: counts });
});

test('the counts hold the last bars too, every time', async () => {
  const minutes = Array.from({ length: 30 }, (_, i) => `{"ts":${1_400_000_040 + 60 * i},"price":1.1}\n`).join('');
  for (let run = 0; run < 5; run += 1) {
    const { play } = JSON.parse((await verified(minutes, '--json')).out);
    expect([play.candidateBars, play.incumbentBars]).toEqual([30, 30]);
  }
});

test('a reference that is not there is named as such', async () => {
  const { code, err } = await verified('{"ts":1400000000,"price":1}\n', '--reference', '/nope/EURUSD.bars');
  expect([code, err]).toEqual([66, 'pulse: cannot read the reference /nope/EURUSD.bars: there is no such file\n']);
});

const line = (symbol: string, minute: number, price: number): string =>
  `${JSON.stringify({ symbol, ts: 1_400_000_040 + 60 * minute, price })}\n`;
const referenceLine = (symbol: string | null, minute: number, price: number): string =>
  `${JSON.stringify({ ...(symbol !== null && { symbol }), ts: 1_400_000_040 + 60 * minute, o: price, h: price, l: price, c: price })}\n`;
const many = ['EURUSD', 'GBPUSD']
  .flatMap((symbol, i) => [0, 1, 2].map((minute) => line(symbol, minute, 1.1 + i)))
  .join('');

async function againstReference(lines: readonly string[], ...flags: string[]): Promise<Ran> {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  const [tape, reference] = [join(shell.folder, 'many.ticks'), join(shell.folder, 'many.bars')];
  await writeFile(tape, many);
  await writeFile(reference, lines.join(''));
  return shell.run(['verify', tape, '--reference', reference, ...flags]);
}

test('it tells nothing of the gate, which no recorded file passes', async () => {
  const { code, out } = await verified(many);
  expect(code).toBe(0);
  expect(out).toContain('✓ every bar agrees');
  expect(out).not.toMatch(/gate|promote/i);
});

test('a tape of which a large share was rejected did not come out well, however well its bars agree', async () => {
  const minutes = Array.from({ length: 300 }, (_, i) => line('EURUSD', i, 1.1)).join('');
  const ahead = line('EURUSD', 300 + 1_440, 1.1);
  const late = Array.from({ length: 300 }, (_, i) => line('EURUSD', 300 + i, 1.1)).join('');
  const { code, out } = await verified(minutes + ahead + late);
  expect(code).toBe(2);
  expect(out).toMatch(/✗ the candidate rejected \d+ of 601 ticks, more than 1 %/);
  expect(out).not.toContain('✓');
});

test('--symbol picks one symbol of a file with many', async () => {
  const { code, out } = await verified(many, '--symbol', 'GBPUSD', '--json');
  const { play, sessions } = JSON.parse(out);
  expect([code, play.published, sessions.map(({ symbol }: { symbol: string }) => symbol)]).toEqual([0, 3, ['GBPUSD']]);
  const none = await verified(many, '--symbol', 'USDJPY');
  expect([none.code, none.out]).toEqual([2, expect.stringContaining('✗ the file holds no tick of that symbol')]);
});

const both = [0, 1, 2].flatMap((minute) => [
  referenceLine('EURUSD', minute, 1.1),
  referenceLine('GBPUSD', minute, 2.1),
]);

test.each`
  what                                  | lines                                                | flags                     | code  | says
  ${'bars of every symbol'}             | ${both}                                              | ${[]}                     | ${0}  | ${'the candidate has 6, all equal'}
  ${'bars of every symbol, one picked'} | ${both}                                              | ${['--symbol', 'EURUSD']} | ${0}  | ${'reference: 3 bars; the candidate has 3, all equal'}
  ${'a bar of one symbol that is off'}  | ${[...both.slice(1), referenceLine('EURUSD', 0, 1)]} | ${[]}                     | ${2}  | ${'candidate EURUSD 2014-05-13T16:54:00.000Z open: 1.10000, reference 1.00000'}
  ${'bars of only one of two symbols'}  | ${both.filter((each) => each.includes('EURUSD'))}    | ${[]}                     | ${2}  | ${'candidate GBPUSD 2014-05-13T16:54:00.000Z extra: 2.10000, reference none'}
  ${'lines without a symbol'}           | ${[referenceLine(null, 0, 1.1)]}                     | ${[]}                     | ${64} | ${'name no symbol, but the tape holds EURUSD, GBPUSD'}
`('a reference with $what exits with $code', async ({ lines, flags, code, says }) => {
  const ran = await againstReference(lines, ...flags);
  expect(ran.out + ran.err).toContain(says);
  expect(ran.code).toBe(code);
});
