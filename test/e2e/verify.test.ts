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
