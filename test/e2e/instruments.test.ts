import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/app/config/config.ts';
import { instrumentsOf } from '../../src/app/config/instruments.ts';
import { reconcileRules } from '../../src/app/wiring/reconcile.ts';
import { shownSteps } from '../../src/domain/instrument/shown-steps.ts';
import { compare } from '../../src/domain/parity/parity.ts';
import type { SideBar } from '../../src/domain/parity/parity-bar.ts';
import { Shell } from '../support/command-line.ts';

const MINUTE = 60_000;
const DAY = Date.UTC(2026, 6, 1);

/** A day of bars about a price, with a volume; `times`: what each is multiplied by. */
function bars(price: number, step: number, volume: number, times = { price: 1, volume: 1 }): SideBar[] {
  const decimals = Math.round(-Math.log10(step));
  const told = (value: number): number => Number((value * times.price).toFixed(decimals + 3));
  return Array.from({ length: 1_440 }, (_, i) => {
    const open = price + ((i * 7) % 11) * step;
    return {
      start: DAY + i * MINUTE,
      open: told(open),
      high: told(open + 2 * step),
      low: told(open - step),
      close: told(open + step),
      volume: String(Number((volume * times.volume).toPrecision(6))),
      n: 5,
      rev: 0,
      digest: null,
      partial: false,
      place: i,
    };
  });
}

/** What the gate says of a session of two sides, by the default configuration. */
function verdictOn(symbol: string, incumbent: readonly SideBar[], candidate: readonly SideBar[]): string {
  const { values } = readConfig('reconcile', { flags: {}, env: {}, file: null }).config;
  const rules = reconcileRules(values);
  const calendar = rules.calendarOf(symbol);
  const side = (own: readonly SideBar[]) => ({ bars: own, gaps: [], late: [] });
  const { report } = compare({
    symbol,
    calendar,
    session: calendar.sessionOf(DAY),
    from: DAY,
    to: DAY + 1_440 * MINUTE,
    settled: DAY + 2_000 * MINUTE,
    tolerance: rules.instrumentOf(symbol, shownSteps(incumbent, candidate)).tolerance,
    threshold: 99.9,
    incumbent: side(incumbent),
    candidate: side(candidate),
  });
  return report.verdict;
}

test.each`
  what                                         | symbol        | one                                  | other
  ${'every bar 5 % off at 0.00141'}            | ${'TINYCOIN'} | ${bars(0.00141, 1e-5, 1_000)}        | ${bars(0.00141, 1e-5, 1_000, { price: 1.05, volume: 1 })}
  ${'volume 4.4 against 3.5'}                  | ${'SOL-USD'}  | ${bars(140, 0.01, 4.4)}              | ${bars(140, 0.01, 3.5)}
  ${'BTC volume 0.9 against 0.1'}              | ${'BTC-USD'}  | ${bars(97_000, 0.01, 0.9)}           | ${bars(97_000, 0.01, 0.1)}
  ${'a coin at 0.00000845 against twice that'} | ${'PEPEUSDT'} | ${bars(0.00000845, 1e-8, 1_000_000)} | ${bars(0.00000845, 1e-8, 1_000_000, { price: 2, volume: 1 })}
`('the gate refuses $what, and passes it when both are equal', ({ symbol, one, other }) => {
  expect(verdictOn(symbol, one, other)).toBe('below threshold');
  expect(verdictOn(symbol, one, one)).toBe('passed');
  expect(verdictOn(symbol, other, other)).toBe('passed');
});

test('a derived tolerance that is coarse for its price is a warning', () => {
  const { values } = readConfig('reconcile', { flags: {}, env: {}, file: null }).config;
  const coarse = bars(0.00141, 1e-5, 1_000);
  expect(instrumentsOf(values)('TINYCOIN', shownSteps(coarse)).tolerance).toMatchObject({
    pipSize: 0.00001,
    priceDerived: true,
  });
});

test('the command shows what applies, and from where; a bad table is refused key by key', async () => {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  const [good, bad] = [join(shell.folder, 'good.yaml'), join(shell.folder, 'bad.json')];
  await writeFile(good, '- symbols: "XAU*"\n  contractSize: 10\n  priceTolerance: "0.01%"\n');
  await writeFile(bad, '[{"symbols": "*", "pip": 0, "calender": "fx"}]');
  const { code, out } = await shell.run(['instruments', 'XAUUSD', 'DAX', '--instruments', good]);
  expect(code).toBe(0);
  expect(out).toMatch(/XAUUSD +price increment +0\.01 +built-in: metal/);
  expect(out).toMatch(/contract size +10 +table: XAU\*/);
  expect(out).toMatch(/price tolerance +0\.01 % +table: XAU\*/);
  expect(out).toMatch(/DAX +price increment +unknown +default/);
  const refused = await shell.run(['instruments', 'DAX', '--instruments', bad]);
  expect(refused.code).toBe(64);
  expect(refused.err).toContain('0.pip: 0 (command line) is not a number above zero');
  expect(refused.err).toContain('0.calender: "fx" (command line) is not known');
});
