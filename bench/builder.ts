import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import { BarBuilder } from '../src/domain/bar/bar-builder.ts';
import { defaultBarOptions } from '../src/domain/bar/bar-options.ts';
import { type TickFields, tickFields } from '../src/domain/tick/tick.ts';
import { TickScanner } from '../src/domain/tick/tick-scanner.ts';
import { tickSet } from '../test/support/tick-sets.ts';
import type { Benchmark, Figures } from './benchmark.ts';

const SYMBOL = 'EURUSD';

export const builder: Benchmark = {
  name: 'builder',
  about: 'EURUSD.fxcm.2014-05 (1,144,807 quotes) on one thread: parsed ticks to bars, and JSON bytes to bars',
  aims: { 'parsed ticks/s': { least: 2_000_000 }, 'JSON bytes to bars, ticks/s': { least: 700_000 } },
  runs: 7,
  async run(): Promise<Figures> {
    payloads ??= read();
    const scanned = payloads.map((payload): TickFields => {
      const fields = tickFields();
      scanner().read(payload, null, fields);
      return fields;
    });
    const parsed = timed(scanned.length, (bars) => {
      for (let i = 0; i < scanned.length; i += 1) {
        bars.add(scanned[i]!, i, 0);
        if (bars.hasOutput) bars.take();
      }
    });
    const one = scanner();
    const fields = tickFields();
    const all = payloads;
    const bytes = timed(all.length, (bars) => {
      for (let i = 0; i < all.length; i += 1) {
        if (one.read(all[i]!, null, fields) === null) bars.add(fields, i, 0);
        if (bars.hasOutput) bars.take();
      }
    });
    return { 'parsed ticks/s': parsed, 'JSON bytes to bars, ticks/s': bytes };
  },
};

let payloads: Buffer[] | null = null;
const scanner = (): TickScanner => new TickScanner(SYMBOL, { allowNonPositive: false });

function read(): Buffer[] {
  const text = gunzipSync(readFileSync(tickSet('EURUSD.fxcm.2014-05').ticks)).toString();
  return text.split('\n').flatMap((line) => (line === '' ? [] : [Buffer.from(line)]));
}

function timed(count: number, work: (bars: BarBuilder) => void): number {
  const bars = new BarBuilder(SYMBOL, defaultBarOptions, null);
  const begun = performance.now();
  work(bars);
  return (count * 1_000) / (performance.now() - begun);
}
